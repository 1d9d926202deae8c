"""From one item of a verified delivery to the request it makes, or to the filter that says no."""

from dataclasses import replace
from typing import Any

import pytest

from builders import IS_CANCELED, NOW, a_payload, a_request, a_source, some_expressions
from cancellations.configuration import LookupTable, Source
from cancellations.domain import Request
from cancellations.errors import Malformed, UnknownSession
from cancellations.intake import Ignored, Intake
from cancellations.lookup import Lookup, entry
from cancellations.writes import Item
from fakes import MemoryTable

FILTERS = {"canceled": IS_CANCELED, "ours": "body.data.ours || `true`"}
FILTERED = a_source(expressions=some_expressions(filters=FILTERS))
LOOKED_UP = a_source(lookup=LookupTable(None, "refuse"))


class Listening(MemoryTable):
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def read(self, key: str) -> Item | None:
        self.asked.append(key)
        return super().read(key)


def an_item(kind: str = "deposition.canceled", **data: object) -> Any:  # noqa: ANN401 - JSON of any shape
    return {"headers": {"webhook-id": "msg_1"}, "body": {**a_payload(**data), "type": kind}}


def taken(
    source: Source,
    item: Any,  # noqa: ANN401 - JSON of any shape
    table: MemoryTable | None = None,
) -> Request | Ignored:
    return Intake(Lookup(table or MemoryTable()))(source, item, NOW)


def test_an_item_makes_the_request_it_asks_for() -> None:
    assert taken(FILTERED, an_item()) == a_request(accepted_at=NOW)


@pytest.mark.parametrize(
    ("item", "name"), [(an_item("deposition.moved"), "canceled"), (an_item(ours=False), "filter")]
)
def test_what_a_filter_calls_no_cancellation_is_ignored_in_its_name(item: Any, name: str) -> None:  # noqa: ANN401 - JSON
    filters = {"canceled": IS_CANCELED, "filter": "body.data.ours != `false`"}
    assert taken(a_source(expressions=some_expressions(filters=filters)), item) == Ignored("acme", name)


def test_of_what_is_no_cancellation_nothing_more_is_read_or_asked() -> None:
    table = Listening()
    source = replace(FILTERED, lookup=LookupTable(None, "refuse"))
    assert taken(source, an_item("deposition.moved", remote_session_id=7), table) == Ignored(
        "acme", "canceled"
    )
    assert table.asked == []


def test_what_is_malformed_is_not_looked_up() -> None:
    table = Listening()
    with pytest.raises(Malformed, match="cancel_without_email"):
        taken(LOOKED_UP, an_item(cancel_without_email="yes"), table)
    assert table.asked == []


# ── Lookup ────────────────────────────────────────────────────────────────────────────────────────


def test_a_session_that_is_looked_up_is_that_of_the_request() -> None:
    table = MemoryTable()
    table.write(entry("acme", "case 7", "session-7"))
    assert taken(LOOKED_UP, an_item(remote_session_id="case 7"), table) == a_request(
        remote_session_id="session-7"
    )


def test_an_id_that_no_table_knows_is_refused() -> None:
    with pytest.raises(UnknownSession):
        taken(LOOKED_UP, an_item(remote_session_id="case 7"))


def test_an_id_that_no_table_knows_is_no_cancellation_where_the_source_says_so() -> None:
    source = a_source(lookup=LookupTable({}, "ignore"))
    assert taken(source, an_item(remote_session_id="case 7")) == Ignored("acme", "lookup")


@pytest.mark.parametrize("missing", ["refuse", "ignore"])
def test_an_id_of_another_form_is_malformed_whatever_becomes_of_unknown_ones(missing: Any) -> None:  # noqa: ANN401 - by its name
    with pytest.raises(Malformed, match="remote_session_id"):
        taken(a_source(lookup=LookupTable({}, missing)), an_item(remote_session_id=None))


@pytest.mark.parametrize("session", ["../sessions", "a/b", ""])
def test_a_session_from_a_table_must_be_a_session_too(session: str) -> None:
    table = MemoryTable()
    table.write(entry("acme", "case 7", session))
    with pytest.raises(Malformed, match="remote_session_id"):
        taken(LOOKED_UP, an_item(remote_session_id="case 7"), table)
