"""Whether refusals can be told apart by the time they take: `python -m bench.refusals`. Exit code 1 where they can.

All kinds are measured in one process, interleaved at random, through `Verify` and through the whole `Receive`, with a
keyring whose answers cost nothing. Each is compared with a delivery whose signature is wrong, by the difference of
means without the slowest and the fastest fifth: it is what somebody sees who averages, and what the scheduler does to
single samples is not in it. Its standard error is Yuen's (winsorized variances).

The question is not whether there is a difference: every two ways through a program have one, and enough samples prove
it. They can be told apart where the difference is surely (at CONFIDENCE) more than the margin. With the default margin,
on a path to us whose times scatter by a millisecond, somebody needs some 900,000 requests of each kind to see it.
The column `slower` has Mann and Whitney's statistic: how often one of this kind takes longer than one with a wrong
signature, in this process. 50 % says nothing about either.
"""

import argparse
import gc
import random
import sys
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean, variance
from typing import cast

from bench.deliveries import NOW, STANDARD_SECRET, Ring, Subject, subject
from cancellations.admission import Admission
from cancellations.configuration import Source
from cancellations.domain import Delivery
from cancellations.errors import SecretFault, SignatureRefused
from cancellations.intake import Intake
from cancellations.receive import Receive
from cancellations.verify import Verify

MARGIN_US = 5.0
CONFIDENCE = 0.999
TRIMMED = 0.2
WARM_UP = 500
BODY = b'{"id":"evt_1","type":"deposition.canceled","data":{"remote_session_id":"session-1"}}'
BASELINE = "wrong signature"
NOBODYS = STANDARD_SECRET[:-8] + "AAAAAAA="
LARGE = 256 * 1024

type Case = tuple[Source | None, Delivery]
type Refuse = Callable[[Case], None]


@dataclass(frozen=True, slots=True)
class Times:
    """Nanoseconds, sorted."""

    taken: Sequence[int]

    @property
    def _kept(self) -> Sequence[int]:
        cut = int(len(self.taken) * TRIMMED)
        return self.taken[cut : len(self.taken) - cut]

    @property
    def mean(self) -> float:
        return fmean(self._kept)

    @property
    def squared_error(self) -> float:
        """Of the mean (Yuen 1974)."""
        kept, cut = self._kept, int(len(self.taken) * TRIMMED)
        winsorized = [kept[0]] * cut + list(kept) + [kept[-1]] * cut
        return (len(self.taken) - 1) * variance(winsorized) / (len(kept) * (len(kept) - 1))

    def slower_than(self, other: "Times") -> float:
        """How often one of these takes longer than one of those; ties count half."""
        below = sum(bisect_left(other.taken, one) + bisect_right(other.taken, one) for one in self.taken)
        return below / 2 / len(self.taken) / len(other.taken)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.refusals", description="Refusals, by their time.")
    parser.add_argument("--samples", type=int, default=10_000, help="of each kind")
    parser.add_argument("--margin-us", type=float, default=MARGIN_US)
    arguments = parser.parse_args()
    one = subject("standard-webhooks")
    verify = _verify(one)
    receive = _receive(one, verify)
    told = False
    for name, refuse in (
        ("Verify", _by(verify)),
        ("Receive", lambda case: _refused(lambda: receive(case[1], NOW))),
    ):
        print(f"through {name}, {arguments.samples:,} samples each")
        told |= _compared(_measured(_cases(one), refuse, arguments.samples), arguments.margin_us)
    print("\nTHEY CAN BE TOLD APART" if told else "\nthey cannot be told apart at this margin")
    _schemes(arguments.samples // 20)
    return int(told)


def _cases(one: Subject) -> dict[str, Case]:
    right = one.sign(BODY, NOW)

    def case(source: Source | None = one.source, **headers: str | None) -> Case:
        changed = {**right.headers, **{f"webhook-{name}": value for name, value in headers.items()}}
        kept = {name: value for name, value in changed.items() if value is not None}
        return source, Delivery("standard-webhooks" if source else "nobody", kept, BODY)

    wrong = "v1," + "A" * 43 + "="
    return {
        BASELINE: case(signature=wrong),
        "unknown source": case(None, signature=wrong),
        "unknown, well signed": case(None),
        "stale, rightly signed": (one.source, one.sign(BODY, NOW - 3_600)),
        "of the future, signed": (one.source, one.sign(BODY, NOW + 3_600)),
        "time in another form": case(timestamp="1.8e9"),
        "no signature": case(signature=None),
        "no timestamp": case(timestamp=None),
        "no id": case(id=None),
        "no headers": case(signature=None, timestamp=None, id=None),
    }


def _verify(one: Subject) -> Verify:
    ring = Ring(one.stored, SecretFault("-/unknown-source", "does not exist"))
    return Verify(ring, ring, NOBODYS)


def _receive(one: Subject, verify: Verify) -> Receive:
    """Nothing that is refused comes to what is not there."""
    return Receive(
        {"standard-webhooks": one.source}, verify, cast("Intake", None), cast("Admission", None), map
    )


def _by(verify: Verify) -> Refuse:
    return lambda case: _refused(lambda: verify(case[0], case[1], NOW))


def _refused(call: Callable[[], object]) -> None:
    try:
        call()
    except SignatureRefused:
        return
    raise AssertionError("a delivery was not refused")


def _measured(cases: dict[str, Case], refuse: Refuse, samples: int) -> dict[str, Times]:
    order = list(cases) * samples
    random.SystemRandom().shuffle(order)
    taken: dict[str, list[int]] = {name: [] for name in cases}
    gc.collect()
    gc.disable()
    try:
        for name in [*list(cases) * WARM_UP, *order]:
            case = cases[name]
            began = time.perf_counter_ns()
            refuse(case)
            taken[name].append(time.perf_counter_ns() - began)
    finally:
        gc.enable()
    return {name: Times(sorted(found[WARM_UP:])) for name, found in taken.items()}


def _compared(times: dict[str, Times], margin_us: float) -> bool:
    """Whether one can be told from a wrong signature."""
    base, told = times[BASELINE], False
    width = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    print(f"{'':<24}{'mean µs':>10}{'differs':>10}{'±':>8}{'slower':>9}")
    for name, one in times.items():
        shift = (one.mean - base.mean) / 1e3
        error = width * sqrt(one.squared_error + base.squared_error) / 1e3 if one is not base else 0.0
        apart = abs(shift) - error > margin_us
        told |= apart
        verdict = f"  more than {margin_us:g} µs" if apart else ""
        print(
            f"{name:<24}{one.mean / 1e3:>10.2f}{shift:>+10.2f}{error:>8.2f}{one.slower_than(base):>9.1%}{verdict}"
        )
    return told


def _schemes(samples: int) -> None:
    """What is no secret: schemes differ in what they cost, most of all with large bodies."""
    print(
        f"\na wrong secret by scheme, 256 KiB, {samples:,} samples each (not judged: a source's scheme is no secret)"
    )
    body = b'{"a":"%s"}' % (b"x" * (LARGE - 8))
    cases: dict[str, Case] = {}
    for name in ("standard-webhooks", "github", "jwt", "api-key"):
        one = subject(name)
        delivery = one.sign(body, NOW)
        cases[name] = (
            one.source,
            Delivery(name, {h: v[:-4] + "AAA=" for h, v in delivery.headers.items()}, body),
        )
    cases["unknown source"] = None, cases["standard-webhooks"][1]
    ring = Ring(STANDARD_SECRET, SecretFault("-/unknown-source", "does not exist"))
    for name, times in _measured(cases, _by(Verify(ring, ring, NOBODYS)), samples).items():
        print(f"{name:<24}{times.mean / 1e3:>10.2f}")


if __name__ == "__main__":
    sys.exit(main())
