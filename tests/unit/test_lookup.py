"""Which session a sender means that knows only its own ids."""

from typing import Any

import pytest

from builders import a_source
from cancellations.configuration import LookupTable
from cancellations.errors import Malformed, Unavailable, UnknownSession
from cancellations.lookup import Lookup, entry, lookup_key
from cancellations.writes import ConditionFailed, Item
from fakes import MemoryTable

IN_A_FILE = a_source(lookup=LookupTable({"case 7": "session-7", "7": "session-8"}, "refuse"))
IN_THE_LEDGER = a_source(lookup=LookupTable(None, "refuse"))


class Deaf(MemoryTable):
    def read(self, key: str) -> Item | None:
        raise Unavailable(f"no answer for {key}")


def a_table(*entries: tuple[str, str, str]) -> MemoryTable:
    table = MemoryTable()
    for source, their_id, session in entries:
        table.write(entry(source, their_id, session))
    return table


@pytest.mark.parametrize("named", ["session-1", 7, None, ["x"]])
def test_a_source_without_a_table_means_what_it_says(named: Any) -> None:  # noqa: ANN401 - whatever a payload holds
    assert Lookup(Deaf())(a_source(), named) == named


@pytest.mark.parametrize(
    ("named", "session"), [("case 7", "session-7"), ("7", "session-8"), (7, "session-8")]
)
def test_a_file_tells_the_session_and_the_ledger_is_not_asked(named: object, session: str) -> None:
    assert Lookup(Deaf())(IN_A_FILE, named) == session


@pytest.mark.parametrize("named", ["case 7", 7])
def test_the_ledger_tells_the_session(named: object) -> None:
    table = a_table(("acme", str(named), "session-7"))
    assert Lookup(table)(IN_THE_LEDGER, named) == "session-7"


def test_what_another_source_means_by_an_id_is_not_asked() -> None:
    with pytest.raises(UnknownSession):
        Lookup(a_table(("globex", "case 7", "session-7")))(IN_THE_LEDGER, "case 7")


@pytest.mark.parametrize("source", [IN_A_FILE, IN_THE_LEDGER], ids=["file", "ledger"])
def test_an_id_that_no_table_knows_is_refused_and_not_repeated(source: Any) -> None:  # noqa: ANN401 - a Source
    with pytest.raises(UnknownSession) as refusal:
        Lookup(MemoryTable())(source, "hushhush")
    assert "hushhush" not in str(refusal.value)


@pytest.mark.parametrize("source", [IN_A_FILE, IN_THE_LEDGER], ids=["file", "ledger"])
@pytest.mark.parametrize("named", [None, "", True, 1.5, ["case 7"], {}, "x\n", "x" * 257])
def test_an_id_of_another_form_is_malformed_before_anybody_is_asked(
    source: Any,  # noqa: ANN401 - a Source
    named: object,
) -> None:
    with pytest.raises(Malformed) as refusal:
        Lookup(Deaf())(source, named)
    assert not isinstance(refusal.value, UnknownSession)


def test_a_ledger_that_does_not_answer_is_no_unknown_session() -> None:
    with pytest.raises(Unavailable):
        Lookup(Deaf())(IN_THE_LEDGER, "case 7")


# ── Entries ───────────────────────────────────────────────────────────────────────────────────────


def test_an_entry_may_be_noted_again() -> None:
    table = a_table(*[("acme", "case 7", "session-7")] * 2)
    assert Lookup(table)(IN_THE_LEDGER, "case 7") == "session-7"


def test_an_entry_that_means_another_session_is_not_written_over() -> None:
    table = a_table(("acme", "case 7", "session-7"))
    with pytest.raises(ConditionFailed):
        table.write(entry("acme", "case 7", "session-8"))
    assert Lookup(table)(IN_THE_LEDGER, "case 7") == "session-7"


def test_entries_stand_apart_from_requests_and_sessions() -> None:
    assert lookup_key("acme", "case 7") == "LOOKUP#acme#case 7"
