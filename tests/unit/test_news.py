"""Which changes of the ledger are news: the whole table, and what the product's own writes make of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest

from cancellations.admission import OBSERVED
from cancellations.answers import Answer, answer_for
from cancellations.cancel import MAX_AGE_S
from cancellations.domain import KNOWN, Request, Settled, Status, Unsettled
from cancellations.errors import Malformed, NewerVersion
from cancellations.news import HELD_FOR, Change, held_for, is_of_a_request, news_in
from cancellations.protocol import guards, request_key
from cancellations.protocol.requests import KEPT_FOR_S
from cancellations.verdicts import Overdue
from cancellations.versions import READS, SCHEMA
from cancellations.waits import HeldBy
from cancellations.writes import Item, number
from stage import NOT_SENT, READ_TIMEOUT, Stage, a_stage, accepted
from streams import StreamedTable

STATUSES: tuple[Status, ...] = (*get_args(Unsettled.__value__), *get_args(Settled.__value__))

WORDS = {
    "C": "Session Canceled",
    "A": "Session Already Canceled",
    "X": "Cancellation Refused",
    "P": "Cancellation Needs Review",
    "O": "Cancellation Observed",
    "H": "Cancellation Held",
    "R": "Cancellation Resumed",
}
TABLE = """
was              queued in_flight retrying held outcome_unknown canceled already_canceled refused needs_review observed
-                -      -         -        H    -               C        A                X       P            O
queued           -      -         -        H    -               C        A                X       P            O
in_flight        -      -         -        H    -               C        A                X       P            O
retrying         -      -         -        H    -               C        A                X       P            O
held             R      R         R        -    R               RC       RA               RX      P            RO
outcome_unknown  -      -         -        H    -               C        A                X       P            O
canceled         -      -         -        -    -               -        -                -       -            -
already_canceled -      -         -        -    -               -        -                -       -            -
refused          -      -         -        -    -               -        -                -       -            -
needs_review     -      -         -        -    -               -        -                -       -            -
observed         -      -         -        -    -               -        -                -       -            -
"""
(_, *NOW), *ROWS = (line.split() for line in TABLE.strip().splitlines())
CELLS = [(was, now, cell) for was, *cells in ROWS for now, cell in zip(NOW, cells, strict=True)]


def an_image(status: str, **more: float | str) -> Item:
    return {} if status == "-" else {"pk": "REQUEST#1", "accepted_by": "token", "status": status, **more}


def told(was: Item, now: Item) -> tuple[str, ...]:
    return news_in(Change("1", 0.0, was, now))


def test_the_table_has_every_status_in_both_directions() -> None:
    assert tuple(NOW) == STATUSES
    assert [was for was, *_ in ROWS] == ["-", *STATUSES]


@pytest.mark.parametrize(("was", "now", "cell"), CELLS, ids=str)
def test_a_change_of_status_is_the_news_of_the_table(was: str, now: str, cell: str) -> None:
    expected = tuple(WORDS[letter] for letter in cell.strip("-"))
    assert told(an_image(was), an_image(now)) == expected


@pytest.mark.parametrize("status", get_args(Unsettled.__value__))
def test_the_mark_of_an_escalation_is_news_when_it_comes(status: str) -> None:
    assert told(an_image(status), an_image(status, escalated_at=1.0)) == ("Cancellation Escalated",)


@pytest.mark.parametrize(("was", "now", "cell"), CELLS, ids=str)
def test_the_mark_of_an_escalation_is_no_news_again(was: str, now: str, cell: str) -> None:
    before = an_image(was, escalated_at=1.0)
    found = told(before, an_image(now, escalated_at=1.0))
    assert ("Cancellation Escalated" in found) == (not before)
    assert len(found) == len(cell.strip("-")) + (not before)


def test_a_hold_is_told_before_the_escalation_that_comes_with_it() -> None:
    found = told(an_image("retrying"), an_image("held", escalated_at=1.0))
    assert found == ("Cancellation Held", "Cancellation Escalated")


@pytest.mark.parametrize("key", ["SESSION#acme#s1", "GUARD#acme", "CAP#acme", "LOOKUP#acme#1"])
def test_items_that_are_no_requests_are_no_news(key: str) -> None:
    assert told({}, {**an_image("canceled", escalated_at=1.0), "pk": key}) == ()


def test_a_record_that_expires_is_no_news() -> None:
    assert told(an_image("held"), {}) == ()


@pytest.mark.parametrize("was", STATUSES)
def test_a_request_that_begins_anew_is_as_if_there_had_been_none(was: str) -> None:
    before = {**an_image(was, escalated_at=1.0), "accepted_by": "long ago"}
    assert told(before, an_image("queued")) == ()
    assert told(before, an_image("observed")) == ("Cancellation Observed",)


def test_what_a_newer_version_has_written_is_not_told_by_this_ones_table() -> None:
    with pytest.raises(NewerVersion):
        told(an_image("queued"), an_image("canceled", **{SCHEMA: READS + 1}))


def test_words_that_are_erased_are_no_news() -> None:
    was = an_image("canceled", reason="The witness is ill.", settled_at=1.0)
    assert told(was, {**was, "reason": "[erased]", "erased_at": 2.0}) == ()


def test_a_status_that_nobody_knows_is_not_passed_over() -> None:
    with pytest.raises(Malformed):
        told(an_image("queued"), an_image("lost"))


# ── What the product's own writes make ────────────────────────────────────────────────────────────


class Told:
    """A cancel use case, and what of its writes is news."""

    def __init__(self, *answers: Answer | int, **states: str) -> None:
        self.stage = a_stage(*answers, **states)
        self.table = StreamedTable(self.stage.clock)
        self.stage.table = self.table

    @property
    def news(self) -> list[str]:
        return [kind for change in self.table.changes for kind in news_in(change)]

    def worked(self, times: int = 1, **asked: object) -> list[str]:
        request = accepted(self.stage, **asked)
        for _ in range(times):
            self.stage.cancel(request, progress=KNOWN)
            self.stage.clock.now += 200
        return self.news


def test_an_accepted_request_is_no_news() -> None:
    assert Told().worked(0) == []


def test_claim_call_record_and_settlement_are_one_piece_of_news() -> None:
    assert Told(200).worked() == ["Session Canceled"]


def test_a_request_that_is_worked_on_twice_is_told_once() -> None:
    assert Told(200).worked(2) == ["Session Canceled"]


def test_attempts_that_come_to_nothing_are_no_news() -> None:
    assert Told(NOT_SENT, 503, NOT_SENT).worked(3) == []


def test_a_doubt_is_no_news_and_what_ends_it_is() -> None:
    assert Told(READ_TIMEOUT, s1="canceled").worked(2) == ["Session Canceled"]


def test_a_refusal_is_told() -> None:
    assert Told(403).worked() == ["Cancellation Refused"]


def test_a_second_request_for_a_canceled_session_is_told_that_it_was() -> None:
    both = Told(200)
    both.worked()
    assert both.worked(event_id="other") == ["Session Canceled", "Session Already Canceled"]


def test_an_observed_request_is_told_when_it_is_stored() -> None:
    observed = Told()
    request = accepted(observed.stage, event_id="seen")
    observed.stage.ledger.accept(replace(request, event_id="new"), 0.0, OBSERVED)
    assert observed.news == ["Cancellation Observed"]


def test_a_request_that_is_held_again_and_again_is_told_once_and_once_when_it_goes_on() -> None:
    held = Told(200)
    pause = guards.pause("acme", by="on call", reason="a test", now=held.stage.clock())
    held.table.write(pause)
    assert held.worked(3) == ["Cancellation Held"]
    held.table.write(guards.resume("acme"))
    assert held.worked(0) == ["Cancellation Held"]
    held.stage.cancel(accepted(held.stage), progress=KNOWN)
    assert held.news == ["Cancellation Held", "Cancellation Resumed", "Session Canceled"]


def test_a_request_that_is_held_for_a_day_needs_review_and_was_never_resumed() -> None:
    held = Told(200)
    held.table.write(guards.pause("acme", by="on call", reason="a test", now=held.stage.clock()))
    assert held.worked() == ["Cancellation Held"]
    held.stage.clock.now += MAX_AGE_S
    held.stage.cancel(accepted(held.stage, accepted_at=held.stage.clock() - MAX_AGE_S - 1), progress=KNOWN)
    assert held.news == ["Cancellation Held", "Cancellation Needs Review"]


def test_an_escalation_is_told_once() -> None:
    late = Told(answer_for(503, wait=600.0))
    assert late.worked(3, starts_at=late.stage.clock() + 1800) == ["Cancellation Escalated"]


def upkeep(stage: Stage, request: Request) -> None:
    """Every write on a request that changes neither its status nor its outcome."""
    now, ledger = stage.clock(), stage.ledger
    assert ledger.queue_again(request, now, now + 20)
    ledger.not_queued(request, now + 20)
    ledger.accept(replace(request, remote_session_id="another"), now)
    (row,) = ledger.overdue(now + 1000, 10)
    assert isinstance(row, Overdue)
    assert ledger.sweep(request, row.due_at, row.sweeps, now + 1000)


def test_upkeep_is_no_news() -> None:
    kept = Told()
    request = accepted(kept.stage)
    before = len(kept.table.changes)
    upkeep(kept.stage, request)
    assert len(kept.table.changes) == before + 4
    assert kept.news == []


# ── Revisions ─────────────────────────────────────────────────────────────────────────────────────


def test_each_status_of_a_request_has_a_greater_revision() -> None:
    held = Told(200)
    for guard in (guards.pause("acme", by="a", reason="b", now=0.0), guards.resume("acme")):
        held.table.write(guard)
        held.worked()
    images = [change.new for change in held.table.changes if is_of_a_request(change)]
    queued, waits, canceled = (number(image, "revision") or 0 for image in images)
    assert queued < waits < canceled


def test_a_request_that_begins_anew_counts_on() -> None:
    stage = Told(200).stage
    request = accepted(stage)
    stage.cancel(request)
    first = stage.stored(request_key(request.id))["revision"]
    stage.ledger.accept(
        replace(request, accepted_at=stage.clock() + KEPT_FOR_S + 1), stage.clock() + KEPT_FOR_S + 1
    )
    assert stage.stored(request_key(request.id))["status"] == "queued"
    assert stage.stored(request_key(request.id))["revision"] == int(str(first)) + 1


# ── In words that are fit for others ──────────────────────────────────────────────────────────────


def paused(told: Told) -> None:
    told.table.write(guards.pause("acme", by="on call", reason="source of trouble", now=0.0))


def without_secret(told: Told) -> None:
    told.stage.keys.keys.clear()


def of_another_organization(told: Told) -> None:
    told.stage.choose(slug="other")


def capped(told: Told) -> None:
    told.stage.caps["acme"] = 0


HOLDS: list[tuple[str, tuple[int, ...], Callable[[Told], None]]] = [
    ("paused", (200,), paused),
    ("key_refused", (401, 401), lambda _: None),
    ("secret_unusable", (200,), without_secret),
    ("organization_unknown", (200,), of_another_organization),
    ("over_cap", (200,), capped),
    ("address_wrong", (405,), lambda _: None),
    ("address_wrong", (404,), lambda _: None),
]


@pytest.mark.parametrize(("word", "answers", "cause"), HOLDS)
def test_every_hold_has_a_word_of_its_own(
    word: str, answers: tuple[int, ...], cause: Callable[[Told], None]
) -> None:
    held = Told(*answers)
    cause(held)
    request = accepted(held.stage)
    held.stage.cancel(request)
    stored = held.stage.stored(request_key(request.id))
    assert stored["status"] == "held"
    assert held_for(stored) == word


def test_every_word_for_a_hold_is_one_that_a_hold_has() -> None:
    assert {word for word, *_ in HOLDS} == HELD_FOR


@pytest.mark.parametrize("by", sorted(set(get_args(HeldBy.__value__)) - HELD_FOR))
def test_a_hold_that_has_no_published_word_tells_nothing(by: str) -> None:
    assert held_for({"held_by": by}) == "other"


@pytest.mark.parametrize("item", [{}, {"held_by": "paused", "waiting_for": "source of trouble"}])
def test_a_hold_of_an_older_version_tells_nothing(item: Item) -> None:
    """Its sentence is not read, and a code beside it is out of date."""
    assert held_for(item) == "other"
