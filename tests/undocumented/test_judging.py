"""The judge finds what is wrong with a story, and nothing wrong with one that came out right."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cancellations.domain import Outcome
from undocumented.emulated import Site
from undocumented.judging import PROMPT_S, faults
from undocumented.steps import ANSWER_LOST
from undocumented.story import Played, play


@pytest.fixture(scope="module")
def played(emulated: Site) -> Played:
    return play(emulated, {})


def with_outcome(step: str, outcome: Outcome | None, **changes: Any) -> Callable[[Played], Played]:  # noqa: ANN401 - whatever the field holds
    def change(played: Played) -> Played:
        became = tuple(
            replace(one, outcome=outcome, **changes) if one.step.name == step else one
            for one in played.became
        )
        return replace(played, became=became)

    return change


def with_wait(step: str, seconds: float) -> Callable[[Played], Played]:
    def change(played: Played) -> Played:
        became = tuple(replace(one, wait=seconds) if one.step.name == step else one for one in played.became)
        return replace(played, became=became)

    return change


def with_report(session: str, **changes: Any) -> Callable[[Played], Played]:  # noqa: ANN401 - whatever the field holds
    def change(played: Played) -> Played:
        report = replace(played.reports[session], **changes)
        return replace(played, reports={**played.reports, session: report})

    return change


def with_another_patch(session: str) -> Callable[[Played], Played]:
    def change(played: Played) -> Played:
        first = next(call for call in played.calls if session in call.path)
        return replace(played, calls=(*played.calls, replace(first, answer="already_canceled")))

    return change


def own(step: str) -> Callable[[Played], Played]:
    """The step claims to have canceled its session."""

    def change(played: Played) -> Played:
        request = next(one.step.request for one in played.became if one.step.name == step)
        return with_outcome(step, Outcome("canceled", None, request.id))(played)

    return change


WRONG: dict[str, tuple[Callable[[Played], Played], str, str]] = {
    "two state changes": (with_report("scheduled", state_changes=2), "changed twice", "scheduled"),
    "a state change after that by hand": (
        with_report("by-hand", state_changes=1),
        "changed twice",
        "canceled by hand",
    ),
    "two rounds of e-mails": (with_report(ANSWER_LOST, emails=4), "mailed twice", "answer lost"),
    "e-mails after those of the cancel by hand": (
        with_report("by-hand", emails=2),
        "mailed twice",
        "canceled by hand",
    ),
    "a PATCH after the effect": (with_another_patch(ANSWER_LOST), "sent again", "answer lost"),
    "not settled": (with_outcome("initial", None, wait=None), "open", "initial"),
    "for a person": (
        with_outcome("initial", Outcome("needs_review", "too_old")),
        "needs a person",
        "initial",
    ),
    "canceled, and active at Prevail": (own("active"), "untrue", "active"),
    "canceled, and canceled by hand": (own("canceled by hand"), "untrue", "canceled by hand"),
    "canceled by another request": (
        with_outcome("initial", Outcome("canceled", None, "another")),
        "untrue",
        "initial",
    ),
    "canceled by two requests": (own("second source"), "untrue", "second source"),
    "canceled, and nobody mailed": (with_report("scheduled", emails=0), "untrue", "scheduled"),
    "canceled before, and active": (with_outcome("active", Outcome("already_canceled")), "untrue", "active"),
    "canceled before by nobody": (
        with_outcome("second source", Outcome("already_canceled")),
        "untrue",
        "second source",
    ),
    "refused, and canceled by us": (
        with_outcome("ready", Outcome("refused", "not_found")),
        "untrue",
        "ready",
    ),
    "refused, and canceled by hand": (
        with_outcome("canceled by hand", Outcome("refused", "not_found")),
        "not what it should be",
        "canceled by hand",
    ),
    "a good request that waits": (with_wait("afterwards", PROMPT_S), "late", "afterwards"),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_judge_finds(played: Played, name: str) -> None:
    change, kind, step = WRONG[name]
    assert faults(played, {}) == []
    found = {(fault.kind, fault.step) for fault in faults(change(played), {})}
    assert (kind, step) in found
