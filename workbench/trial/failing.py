"""Faults for as long as somebody asks how a stack does under them: Prevail's, and those of AWS."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from prevail.client import Emulator
from stack import StackInfo
from trial.platform.detour import detour
from trial.platform.faults import SERVICES
from trial.platform.proxy import Rule, proxy_of

type Shares = Mapping[str, float]
"""By the name of a fault, the share of calls (0 to 1) that meet it."""

type Struck = Callable[[], dict[str, int]]
"""How many calls have met each fault so far."""

LONGEST_WAIT_S = 900.0
"""Without a request that settles for this long, none will: what a function held when it failed is away for six
minutes, and what may have taken effect is looked into after one."""

TRIES = 8
"""How often a sender comes, at most, until its webhook is taken, where AWS fails at the door too."""

_RULE = {"fault", "method", "path", "session", "organization", "share", "seed", "count", "for_s"}
"""What a rule says; the emulator tells of it besides what has come of it."""


@contextmanager
def prevail_failing(prevail: Emulator, shares: Shares, seed: int) -> Iterator[Struck]:
    """PATCHes meet the emulator's faults (docs/emulator.md). Rules that were there come behind, and stay."""
    before = [{name: rule[name] for name in rule.keys() & _RULE} for rule in prevail.faults()]
    rules = [
        {"fault": fault, "method": "PATCH", "share": share, "seed": seed + place}
        for place, (fault, share) in enumerate(shares.items())
    ]

    def struck() -> dict[str, int]:
        return {str(rule["fault"]): int(rule["hits"]) for rule in prevail.faults()[: len(rules)]}

    prevail.put_faults(*rules, *before)
    try:
        yield struck
    finally:
        prevail.put_faults(*before)


@contextmanager
def aws_failing(info: StackInfo, shares: Shares) -> Iterator[Struck]:
    """The functions' calls to each service meet the faults of `trial.platform`. They start anew for it, and after."""
    with proxy_of(info) as proxy, detour(info, proxy.url):
        rules = [Rule(fault, service, share=share) for service in SERVICES for fault, share in shares.items()]
        proxy.obey(rules)

        def struck() -> dict[str, int]:
            counts = dict.fromkeys(shares, 0)
            for rule, strikes in zip(rules, proxy.strikes(), strict=True):
                counts[rule.fault] += strikes
            return {f"{fault} at AWS": count for fault, count in counts.items()}

        yield struck
