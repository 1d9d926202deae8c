from collections.abc import Sequence

import pytest

from builders import a_request
from cancellations.adapters import journal
from cancellations.admission import Conflicted, Received
from cancellations.answers import answer_for
from cancellations.domain import Outcome
from cancellations.errors import Malformed, SignatureRefused, Unavailable
from cancellations.intake import Ignored
from cancellations.receive import Arrival, Handshake, Rejected, Result
from cancellations.settlement import Postponed
from cancellations.sweep import Swept
from cancellations.waits import Waits, after
from cancellations.work import Worked

REQUEST = a_request(reason="hushhush", requested_by="hushhush")
RECEIVED = Received(REQUEST, "queued", replayed=False)
IDS = ("request", "organization", "source", "remote_session_id")


class Notebook:
    """A logger that remembers its lines, with their levels."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, object]]] = []

    def info(self, _message: str, *, extra: dict[str, object]) -> None:
        self.lines.append(("info", extra))

    def warning(self, _message: str, *, extra: dict[str, object]) -> None:
        self.lines.append(("warning", extra))

    def error(self, _message: str, *, extra: dict[str, object]) -> None:
        self.lines.append(("error", extra))


def decisions(entries: Sequence[journal.Entry]) -> list[object]:
    return [entry["decision"] for entry in entries]


@pytest.mark.parametrize(
    ("result", "decision"),
    [
        (RECEIVED, "accepted"),
        (Received(REQUEST, "canceled", replayed=True), "duplicate"),
        (Ignored("acme", "not-rescheduled"), "ignored"),
        (Conflicted(REQUEST), "conflict"),
        (Rejected(Malformed("reason is a number, not a string")), "rejected"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_each_item_of_a_delivery_has_a_line_with_its_decision(result: Result, decision: str) -> None:
    assert decisions(journal.entries(Arrival("acme", (result,), "one", "current"))) == [decision]
    assert len(journal.entries(Arrival("acme", (result, result), "several", "current"))) == 2
    assert decisions(journal.of_work(Worked(None, (result, result)))) == [decision, decision]


@pytest.mark.parametrize(
    ("worked", "decision"),
    [
        (Worked(REQUEST, Outcome("canceled")), "settled"),
        (Worked(REQUEST, Outcome("canceled", again=True)), "duplicate"),
        (Worked(REQUEST, Postponed("held", Waits("key_refused"), 900)), "postponed"),
        (Worked(REQUEST, Conflicted(REQUEST)), "conflict"),
        (Worked(None, Ignored("acme", "canceled")), "ignored"),
        (Worked(None, ()), "nothing in it"),
    ],
)
def test_what_became_of_a_message_is_one_line_with_its_decision(worked: Worked, decision: str) -> None:
    assert decisions(journal.of_work(worked)) == [decision]


@pytest.mark.parametrize(
    "entries", [journal.entries(RECEIVED), journal.of_work(Worked(REQUEST, Outcome("canceled")))]
)
def test_a_line_about_a_request_has_the_ids_that_lead_from_the_delivery_to_the_attempts(
    entries: list[journal.Entry],
) -> None:
    (line,) = entries
    asked = (REQUEST.id, REQUEST.organization, REQUEST.source, REQUEST.remote_session_id)
    assert tuple(line[name] for name in IDS) == asked


def test_a_line_about_a_bus_event_has_the_id_that_the_bus_gave_it() -> None:
    (line,) = journal.of_work(Worked(REQUEST, Outcome("canceled"), "a60b361a"))
    assert line["delivery"] == "a60b361a"


def test_a_line_says_which_key_a_delivery_was_signed_with() -> None:
    (line,) = journal.entries(Arrival("acme", (RECEIVED,), "one", "previous"))
    assert (line["source"], line["key"]) == ("acme", "previous")


def test_a_delivery_with_nothing_in_it_has_a_line_too() -> None:
    assert len(journal.entries(Arrival("acme", (), "several", "current"))) == 1


def test_a_sender_who_tries_the_address_has_a_line_without_what_it_sent() -> None:
    (line,) = journal.entries(Handshake("acme", {"x-hook-secret": "hushhush"}, {"challenge": "hushhush"}))
    assert line == {"decision": "handshake", "source": "acme"}


def test_what_was_said_stays_out_of_the_log() -> None:
    assert "hushhush" not in str(journal.entries(RECEIVED))


def test_why_somebody_paused_stays_out_of_the_log() -> None:
    paused = Postponed("held", Waits("paused", {"paused_by": "ops", "paused_reason": "hushhush"}), 120)
    (line,) = journal.of_work(Worked(REQUEST, paused))
    assert (line["guard"], line["reason"]) == ("pause", "paused")


def test_a_filter_that_says_no_is_named() -> None:
    (line,) = journal.entries(Arrival("acme", (Ignored("acme", "not-rescheduled"),), "one", "current"))
    assert line["filter"] == "not-rescheduled"


# ── The sweep ─────────────────────────────────────────────────────────────────────────────────────


def test_a_run_has_a_line_for_each_request_that_it_touched_and_one_of_its_own() -> None:
    swept = Swept((REQUEST,), ((a_request(event_id="2"), Outcome("needs_review", "pipeline")),), ("a row",))
    entries = journal.of_sweep(swept)
    assert decisions(entries) == ["put back", "settled", "not swept", "swept"]
    assert (entries[0]["request"], entries[-1]["put_back"]) == (REQUEST.id, 1)


# ── Levels ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("entries", "level"),
    [
        (journal.entries(RECEIVED), "info"),
        (
            journal.of_work(
                Worked(REQUEST, Postponed("retrying", after(answer_for(503), "answer"), 900, escalated=True))
            ),
            "warning",
        ),
        (journal.of_sweep(Swept(failed=("a row",)))[:1], "error"),
    ],
)
def test_a_line_is_as_loud_as_what_it_says(entries: list[journal.Entry], level: str) -> None:
    notebook = Notebook()
    journal.tell(notebook, "message", {"lambda_request": "1"}, entries)
    assert [(loud, line["lambda_request"]) for loud, line in notebook.lines] == [(level, "1")]


@pytest.mark.parametrize(
    ("error", "level", "decision"),
    [
        (SignatureRefused("no signature fits"), "warning", "refused"),
        (Unavailable("the queue did not answer"), "error", "comes again"),
    ],
)
def test_what_nothing_came_of_is_told_with_its_cause(error: Exception, level: str, decision: str) -> None:
    notebook = Notebook()
    journal.refused(notebook, {}, error)
    ((loud, line),) = notebook.lines
    assert (loud, line["decision"], line["error"]) == (level, decision, type(error).__name__)


def test_a_message_that_can_never_succeed_comes_again_until_it_is_set_aside() -> None:
    notebook = Notebook()
    journal.comes_again(notebook, {}, Malformed("the message is not an object"))
    ((loud, line),) = notebook.lines
    assert (loud, line["decision"]) == ("error", "comes again")


def an_accident() -> KeyError:
    """As it is caught: raised somewhere, from something that quotes what it was reading."""
    try:
        int("hushhush")
    except ValueError as cause:
        error = KeyError("hushhush")
        error.__cause__, error.__traceback__ = cause, cause.__traceback__
        return error
    raise AssertionError("there was none")


def test_an_accident_is_told_with_its_place_and_not_with_what_it_says() -> None:
    notebook = Notebook()
    journal.accident(notebook, {"message_id": "1"}, an_accident())
    ((level, line),) = notebook.lines
    assert (level, line["error"]) == ("error", "KeyError")
    assert "test_journal.py" in str(line["where"])
    assert "hushhush" not in str(line)


def test_a_line_that_cannot_be_written_is_nobodys_trouble() -> None:
    class Broken:
        def info(self, *_: object, **__: object) -> None:
            raise ZeroDivisionError("an accident")

    journal.note(Broken(), "info", "message", {})
