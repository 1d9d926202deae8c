"""A configuration that passes the check makes no request of a delivery that lacks the fields it names.

Expressions are generated, some of them with the slips that people make. The check refuses many; those that it accepts
are tried on deliveries that are complete but for the fields that the filters name, or that the session's id needs.
"""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from builders import NOW, a_bus_table, a_source_table, some_configuration
from cancellations.configuration import Source, load_directory
from cancellations.domain import Delivery, Json, Request
from cancellations.errors import ConfigurationError, Malformed
from cancellations.intake import Ignored, Intake
from cancellations.lookup import Lookup
from cancellations.source import mapping
from fakes import MemoryTable

# ── Expressions ───────────────────────────────────────────────────────────────────────────────────

NAMES = ("type", "state", "kind")
"""Names that expressions use. The deliveries below have none of them where a value is read."""

names = st.sampled_from(NAMES)
roots = st.sampled_from(("body",) * 6 + ("body.data", "body.data", "headers", "body.list[0]", "bdoy"))
paths = st.builds("{}.{}".format, roots, names)
constants = st.sampled_from(("'canceled'",) * 4 + ("''", "`true`", "`false`", "`null`", "`3`"))
slips = st.sampled_from(("canceled", '"canceled"', "`True`", "true"))
texts = st.one_of(constants, constants, constants, constants, slips)
same = st.sampled_from(("==",) * 5 + ("!=",))
operators = st.sampled_from(("==",) * 4 + ("!=", ">", "<="))
computed = st.one_of(
    st.builds("({} || {})".format, paths, constants),
    st.builds("type({})".format, paths),
    st.builds("not_null({}, {})".format, paths, constants),
    st.builds("body.list[?{} {} {}] | [0].{}".format, names, same, texts, names),
)
counted = st.builds(
    "length({} || `[]`) {} `{}`".format,
    st.one_of(paths, st.builds("body.list[?{} {} {}]".format, names, same, texts)),
    st.sampled_from(("==", ">", "<=", "!=")),
    st.integers(0, 1),
)
conditions = st.recursive(
    st.one_of(
        st.builds("{} {} {}".format, paths, operators, texts),
        st.builds("{} {} {}".format, paths, operators, texts),
        st.builds("{} {} {}".format, computed, operators, texts),
        st.builds("{} {} {}".format, paths, same, paths),
        counted,
        st.builds("flag({})".format, paths),
        st.builds("contains({} || '', 'cancel')".format, paths),
    ),
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("!({})".format, inner),
    ),
    max_leaves=3,
)
filters = conditions | st.dictionaries(st.sampled_from(("one", "two")), conditions, min_size=1, max_size=2)
found = st.one_of(
    paths, paths, st.builds("{} || {}".format, paths, paths), computed, texts, st.just("sha256")
)
parts_of_ids = found | st.lists(found, min_size=1, max_size=2)

# ── Deliveries ────────────────────────────────────────────────────────────────────────────────────

scalars = st.sampled_from(("canceled", "session-9", True, None, 0))
others = st.dictionaries(st.sampled_from(("id", "note")), scalars, max_size=2)
lists = st.lists(others | scalars, max_size=2)
bodies = st.fixed_dictionaries(
    {"data": st.builds(lambda part: {**part, "remote_session_id": "session-1"}, others)},
    optional={"list": lists, "note": scalars | others},
)
"""Complete, but for the names above; there may be a list, whose elements have none of them."""


def loaded(table: dict[str, object]) -> Source | None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            return load_directory(some_configuration(Path(folder), sources={"acme": table})).sources["acme"]
        except ConfigurationError:
            return None


def became(source: Source, document: dict[str, Any]) -> Request | Ignored | None:
    try:
        items = mapping.items(source.expressions, document)
        (item,) = [document] if items is None else items[:1] or [document]
        return Intake(Lookup(MemoryTable()))(source, item, NOW)
    except Malformed:
        return None


def without_request(source: Source | None, body: dict[str, Json]) -> bool:
    event("refused" if source is None else "accepted")
    delivery = Delivery("acme", {"webhook-id": "msg_1", "content-type": "application/json"}, b"{}")
    return source is None or not isinstance(became(source, mapping.document(delivery, body, None)), Request)


@given(filters, bodies)
@settings(max_examples=600, deadline=None)
def test_no_request_without_the_fields_of_the_filters(filters: object, body: dict[str, Json]) -> None:
    assert without_request(loaded(a_source_table(filter=filters)), body)


@given(found, bodies)
@settings(max_examples=200, deadline=None)
def test_no_request_without_the_fields_of_the_session(session: str, body: dict[str, Json]) -> None:
    source = loaded(
        a_source_table(
            filter="body.data.remote_session_id == 'session-1'", request={"remote_session_id": session}
        )
    )
    assert without_request(source, body)


@given(parts_of_ids, bodies)
@settings(max_examples=200, deadline=None)
def test_no_request_without_the_fields_of_the_event_id(event_id: object, body: dict[str, Json]) -> None:
    request = {"remote_session_id": "body.data.remote_session_id", "event_id": event_id}
    source = loaded(a_source_table(filter="body.data.remote_session_id == 'session-1'", request=request))
    assume("sha256" not in str(event_id))  # the hash differs from event to event
    assert without_request(source, body)


@given(conditions, bodies)
@settings(max_examples=200, deadline=None)
def test_no_request_from_the_bus_without_them(written: str, body: dict[str, Json]) -> None:
    request = {"remote_session_id": "body.detail.data.remote_session_id", "event_id": "body.id"}
    source = loaded(a_bus_table(filter=written.replace("body.", "body.detail."), request=request))
    event("refused" if source is None else "accepted")
    envelope: dict[str, Json] = {"id": "1", "source": "com.acme.crm", "detail-type": "x", "detail": body}
    assert source is None or not isinstance(became(source, mapping.bus_document(envelope)), Request)
