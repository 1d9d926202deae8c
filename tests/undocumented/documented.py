"""Where the product cannot do what the story asks for, and the documentation says so.

A row excuses its faults only. A row whose faults no longer occur fails the test, and must go.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from undocumented.judging import Fault, Kind
from undocumented.steps import STEPS
from undocumented.switch_settings import LIMITED, Setting

DOCS = Path(__file__).parents[2] / "docs"


@dataclass(frozen=True, slots=True)
class Limit:
    """`when` is a part of a setting; `page` is below docs/, and `heading` stands in it."""

    when: Setting
    kind: Kind
    steps: tuple[str, ...]
    page: str
    heading: str

    def covers(self, setting: Setting) -> bool:
        return all(setting.get(name) == value for name, value in self.when.items())

    def excuses(self, fault: Fault) -> bool:
        return fault.kind == self.kind and fault.step in self.steps


EVERY: tuple[str, ...] = tuple(step.name for step in STEPS if not step.again)

KEY_REFUSED: tuple[Kind, tuple[str, ...], str, str] = (
    "needs a person",
    EVERY,
    "operations.md",
    "KeyRefused",
)
UNSEEN = ("unknown", "foreign", "initial", "initial, no self-service")
TOLD_TO_WAIT_FOR_YEARS = ("active", "no self-service", *UNSEEN)
AMBIGUOUS = tuple(
    {**LIMITED, "rate_limited": 503, "rate_limit_retry_after": form}
    for form in ("negative", "garbage", "empty", "none")
)
UNUSABLE_TOKENS: tuple[Setting, ...] = ({"token_algorithm": "HS384"}, {"clock_ahead_s": 3600})

LIMITS = (
    # A status below 300 is believed: nobody looks after a 200.
    Limit({"already_canceled": 200}, "untrue", ("canceled by hand",), "reliability.md", "Statuses"),
    Limit({"wrong_state": 200}, "untrue", ("active",), "reliability.md", "Statuses"),
    # 202 leaves doubt, and the state is not read before the settling time is over.
    Limit({"canceled": 202}, "late", ("afterwards",), "reliability.md", "Statuses"),
    # Prevail tells each session to come back in years: half a day later it hears the same.
    *(
        Limit(
            {**LIMITED, **status, "rate_limit_retry_after": "absurd"},
            "needs a person",
            TOLD_TO_WAIT_FOR_YEARS,
            "reliability.md",
            "Statuses",
        )
        for status in ({}, {"rate_limited": 503})
    ),
    # A 503 that does not say when to come back may have taken effect.
    *(Limit(setting, "needs a person", UNSEEN, "reliability.md", "Doubt") for setting in AMBIGUOUS),
    *(Limit(setting, "untrue", ("canceled by hand",), "reliability.md", "Doubt") for setting in AMBIGUOUS),
    # Without `look_first`, a session that was canceled at Prevail gets a PATCH.
    Limit(
        {"second_cancel_mails": True},
        "mailed twice",
        ("canceled by hand",),
        "operations.md",
        "When Prevail answers what nobody expected",
    ),
    # Nothing that Prevail shows tells a lost cancel from a session that never was.
    Limit({"canceled_sessions": "hidden"}, "needs a person", ("answer lost",), "reliability.md", "Doubt"),
    # The session is on a page of the list that the product cannot ask for.
    *(
        Limit(
            {"page_items": 3, "page_parameter": parameter},
            "needs a person",
            ("canceled by hand", "call lost"),
            "reliability.md",
            "Doubt",
        )
        for parameter in ("p", "none")
    ),
    # Prevail accepts no token that the product can make.
    Limit({"token_algorithm": "HS384"}, *KEY_REFUSED),
    Limit({"token_algorithm": "HS512"}, *KEY_REFUSED),
    Limit({"token_longest_life_s": 60}, *KEY_REFUSED),
    Limit({"clock_ahead_s": 172_800}, *KEY_REFUSED),
    *(Limit({"unauthorized": 403, **beside}, *KEY_REFUSED) for beside in UNUSABLE_TOKENS),
)


def undocumented(found: list[Fault], setting: Setting) -> list[Fault]:
    limits = [limit for limit in LIMITS if limit.covers(setting)]
    return [fault for fault in found if not any(limit.excuses(fault) for limit in limits)]


def outdated(found: list[Fault], setting: Setting) -> list[str]:
    """Steps that a limit of exactly this setting names, and that came out right."""
    return [
        f"{step}: not {limit.kind} any more, but LIMITS says so"
        for limit in LIMITS
        if limit.when == setting
        for step in limit.steps
        if not any(fault.kind == limit.kind and fault.step == step for fault in found)
    ]


def headings(page: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", (DOCS / page).read_text("utf-8"), re.MULTILINE)
