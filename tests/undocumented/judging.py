"""Whether a story came out right: one effect per session, true outcomes, no long wait for a good request."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cancellations.domain import Outcome, Settled
from prevail.model import Call, SessionReport
from undocumented.steps import OTHERWISE
from undocumented.story import Became, Played
from undocumented.switch_settings import Setting, named

PROMPT_S = 10.0
PARTICIPANTS = 2

type Kind = Literal[
    "needs a person",  # settled as needs_review
    "untrue",  # the outcome on record contradicts the emulator
    "not what it should be",  # true, and yet not the outcome that the step must come to
    "late",  # a good request waited too long
    "mailed twice",
    "changed twice",
    "sent again",  # a PATCH after the one that canceled the session
    "open",  # not settled in a day
]


@dataclass(frozen=True, slots=True)
class Fault:
    kind: Kind
    step: str
    says: str

    def __str__(self) -> str:
        return f"{self.step}: {self.kind}: {self.says}"


def faults(played: Played, setting: Setting) -> list[Fault]:
    return [fault for became in played.became for fault in _of_step(became, played, setting)]


def _of_step(became: Became, played: Played, setting: Setting) -> Iterator[Fault]:
    name, report = became.step.name, played.reports.get(became.step.session)
    seen = _seen(report, played.calls)
    for kind in _of_session(report, played):
        yield Fault(kind, name, seen)
    if became.outcome is None:
        waits = f"{became.status} {became.waits_for}".strip()
        yield Fault("open", name, f"{waits}; {seen}")
        return
    says = f"{_told(became.outcome)} after {became.wait:.1f} s; {seen}"
    if became.outcome.status == "needs_review":
        yield Fault("needs a person", name, says)
    elif not _is_true(became, report, played):
        yield Fault("untrue", name, says)
    elif became.outcome.status not in (right := _right(became, setting)):
        yield Fault("not what it should be", name, f"should be {' or '.join(right)}, is {says}")
    elif name == "afterwards" and became.wait is not None and became.wait >= PROMPT_S:
        yield Fault("late", name, says)


def _of_session(report: SessionReport | None, played: Played) -> Iterator[Kind]:
    if report is None:
        return
    done_before = report.remote_session_id in played.canceled_before
    if report.state_changes > (0 if done_before else 1):
        yield "changed twice"
    if report.emails > (0 if done_before else PARTICIPANTS):
        yield "mailed twice"
    answers = [call.answer for call in played.calls if call.method == "PATCH" and call.path == _path(report)]
    if "canceled" in answers[:-1]:
        yield "sent again"


def _is_true(became: Became, report: SessionReport | None, played: Played) -> bool:
    outcome = became.outcome
    assert outcome is not None
    changes = report.state_changes if report else 0
    match outcome.status:
        case "canceled":
            ours = report is not None and report.state == "canceled" and changes == 1
            mails = 0 if became.step.without_email else PARTICIPANTS
            mailed = report is not None and report.emails == mails
            return (
                ours and mailed and outcome.canceled_by == became.step.request.id and _alone(became, played)
            )
        case "already_canceled":
            return (
                report is not None
                and report.state == "canceled"
                and outcome.canceled_by == _by(became, played)
            )
        case "refused":
            return changes == 0
    return False


def _alone(became: Became, played: Played) -> bool:
    """Whether no other request claims to have canceled the same session."""
    return {other.step.request.id for other in _others(became, played)} == {became.step.request.id}


def _by(became: Became, played: Played) -> str | None:
    """The request that canceled the session, None if it was canceled at Prevail."""
    return next((other.step.request.id for other in _others(became, played)), None)


def _others(became: Became, played: Played) -> Iterator[Became]:
    for other in played.became:
        same = other.step.session == became.step.session
        if same and other.outcome and other.outcome.status == "canceled":
            yield other


def _right(became: Became, setting: Setting) -> tuple[Settled, ...]:
    for name, value in setting.items():
        if changed := OTHERWISE.get((named({name: value}), became.step.name)):
            return changed
    return became.step.becomes


def _told(outcome: Outcome) -> str:
    reason = f": {outcome.reason}" if outcome.reason else ""
    return f"{outcome.status}{reason} ({outcome.evidence})"


def _seen(report: SessionReport | None, calls: tuple[Call, ...]) -> str:
    if report is None:
        return "the emulator has no such session"
    answers = [str(call.status) for call in calls if call.method == "PATCH" and call.path == _path(report)]
    return (
        f"the emulator says {report.state}, {report.state_changes} changes, {report.emails} e-mails, "
        f"{len(answers)} PATCHes ({' '.join(answers[:8])})"
    )


def _path(report: SessionReport) -> str:
    return f"/api/v1/sessions/{report.remote_session_id}/cancel"
