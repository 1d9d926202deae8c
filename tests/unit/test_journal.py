import pytest

from builders import a_request
from cancellations.adapters import journal
from cancellations.admission import Conflicted, Received
from cancellations.errors import Malformed
from cancellations.intake import Ignored
from cancellations.receive import Arrival, Handshake, Rejected, Result

RECEIVED = Received(a_request(reason="hushhush", requested_by="hushhush"), "queued", replayed=False)


@pytest.mark.parametrize(
    ("result", "decision"),
    [
        (RECEIVED, "accepted"),
        (Ignored("acme", "not-rescheduled"), "ignored"),
        (Conflicted(a_request()), "conflict"),
        (Rejected(Malformed("reason is a number, not a string")), "rejected"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_each_item_of_a_delivery_has_a_line_with_its_decision(result: Result, decision: str) -> None:
    (alone,) = journal.entries(Arrival("acme", (result,), "one", "current"))
    assert alone["decision"] == decision
    assert len(journal.entries(Arrival("acme", (result, result), "several", "current"))) == 2


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


def test_a_filter_that_says_no_is_named() -> None:
    assert journal.entry(Ignored("acme", "not-rescheduled"))["filter"] == "not-rescheduled"


def test_a_line_that_cannot_be_written_is_nobodys_trouble() -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("an accident")

    journal.note(broken, "message", {})
