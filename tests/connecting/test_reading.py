"""What is asked: each filter and field with its value, and how to mend what is wrong with it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from builders import some_allowed, some_expressions
from cancellations.configuration import LookupTable, Source
from cancellations.source.expressions import compiled
from connecting.arriving import SOURCES
from trial.rehearsal import reading
from trial.rehearsal.paths import meant, paths
from trial.rehearsal.report import Finding

BODY: dict[str, Any] = {
    "event": "off",
    "number": 7,
    "silent": "true",
    "begins": "2026-11-24T15:00:00",
    "deposition": {"sessionId": "s-1", "title": "a title"},
}


def a_source(lookup: LookupTable | None = None, **expressions: Any) -> Source:  # noqa: ANN401 - as builders takes them
    return replace(SOURCES["example-crm"], lookup=lookup, expressions=some_expressions(**expressions))


def an_item(body: Mapping[str, Any] = BODY) -> dict[str, Any]:
    return {"headers": {"webhook-id": "msg_1"}, "body": dict(body), "sha256": "00", "claims": None}


def field(name: str, lookup: LookupTable | None = None, **expressions: Any) -> Finding:  # noqa: ANN401 - as above
    (finding,) = [f for f in reading.fields(a_source(lookup, **expressions), an_item()) if f.name == name]
    return finding


def a_filter(written: str) -> Finding:
    (finding,) = reading.filters(a_source(filters={"canceled": written}), an_item())
    return finding


# ── Filters ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "good"),
    [
        ("body.event == 'off'", True),
        ("body.event == 'on'", None),
        ("body.event", False),
    ],
)
def test_a_filter_is_good_where_it_is_true_and_wrong_where_it_is_neither(
    written: str, good: bool | None
) -> None:
    assert a_filter(written).good is good


def test_a_filter_shows_its_expression_and_its_value() -> None:
    assert a_filter("body.event == 'on'").said == "body.event == 'on'  is false"


def test_a_filter_that_is_neither_says_how_to_compare() -> None:
    assert "== `false`" in (a_filter("body.rescheduled").mend or "")


def test_a_filter_that_cannot_be_read_says_what_is_there() -> None:
    finding = a_filter("starts_with(body.deposition.sessionID, 'CANC')")
    assert "cannot be read" in finding.said
    assert "body.deposition.sessionId" in (finding.mend or "")


def test_every_filter_is_shown_whether_or_not_another_says_no() -> None:
    filters = {"one": "body.event == 'on'", "two": "body.number == `7`"}
    assert [f.good for f in reading.filters(a_source(filters=filters), an_item())] == [None, True]


# ── Fields ────────────────────────────────────────────────────────────────────────────────────────


def test_a_session_that_is_not_found_names_what_may_have_been_meant() -> None:
    finding = field("remote_session_id", remote_session_id="body.deposition.session_id")
    assert (finding.good, finding.said) == (False, "body.deposition.session_id  is null")
    assert "body.deposition.sessionId" in (finding.mend or "")


@pytest.mark.parametrize(
    ("expressions", "name", "mend"),
    [
        ({"remote_session_id": "body.deposition.title"}, "remote_session_id", "letters, digits"),
        ({"remote_session_id": "body.number"}, "remote_session_id", "to_string"),
        ({"event_id": "body.number"}, "event_id", "to_string"),
        ({"event_id": ("body.number", "body.nothing")}, "event_id", "missing"),
        ({"cancel_without_email": "body.silent"}, "cancel_without_email", "flag(body.field)"),
    ],
)
def test_a_field_of_another_kind_says_how_to_mend_it(
    expressions: dict[str, Any], name: str, mend: str
) -> None:
    finding = field(name, **{"remote_session_id": "body.deposition.sessionId", **expressions})
    assert finding.good is False
    assert mend in (finding.mend or finding.said)


@pytest.mark.parametrize(("name", "nothing"), [("cancel_without_email", "false"), ("reason", "nothing")])
def test_a_field_that_may_be_missing_says_what_that_means(name: str, nothing: str) -> None:
    finding = field(name, None, **{name: "body.nowhere_at_all"})
    assert (finding.good, finding.said) == (None, f"body.nowhere_at_all  is null, so {nothing}")


def test_a_flag_that_is_written_in_the_table_is_always_so() -> None:
    assert field("cancel_without_email", cancel_without_email=True).said == "always true"


@pytest.mark.parametrize(("account", "good"), [("off", True), ("on", False)])
def test_the_organization_is_one_of_the_allow_list(account: str, good: bool) -> None:
    allowed = some_allowed("body.event", **{account: "acme-legal"})
    finding = field("organization", organization=allowed)
    assert finding.good is good
    assert good or account in (finding.mend or "")


@pytest.mark.parametrize(
    ("lookup", "good", "said"),
    [
        (LookupTable({"s-1": "session-1"}, "refuse"), True, "the lookup file says session-1"),
        (LookupTable({}, "refuse"), False, "does not have"),
        (LookupTable({}, "ignore"), None, "does not have"),
        (LookupTable(None, "refuse"), None, "the ledger's table tells"),
    ],
)
def test_a_session_is_looked_up_where_the_source_says_so(
    lookup: LookupTable, good: bool | None, said: str
) -> None:
    finding = field("remote_session_id", lookup, remote_session_id="body.deposition.sessionId")
    assert finding.good is good
    assert said in finding.said


# ── Paths ─────────────────────────────────────────────────────────────────────────────────────────


def test_paths_are_written_as_expressions_find_them() -> None:
    document: dict[str, Any] = {"headers": {"webhook-id": "x"}, "body": {"list": [{"a": 1}, 2], "empty": {}}}
    assert list(paths(document)) == ['headers."webhook-id"', "body.list[0].a", "body.list[1]"]


def test_nothing_is_suggested_where_nothing_is_alike() -> None:
    assert meant(compiled("body.zzzz"), an_item()) is None
