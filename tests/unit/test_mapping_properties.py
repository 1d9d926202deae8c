"""Whatever a verified document holds, it is asked for, ignored or malformed: anything else would be a 500."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cancellations.domain import Delivery, Request
from cancellations.errors import Malformed
from cancellations.source import mapping
from cancellations.source.expressions import compiled
from cancellations.source.mapping import Allowed, Expressions

NOW = 1_800_000_000.0

WRITTEN = (
    "body.data.id",
    "body",
    "item.id",
    "body.a || body.b",
    "body.data[0].id",
    "body.*.id | [0]",
    "to_string(body.id)",
    "join('-', [body.a, body.b])",
    "length(body.data)",
    "sum(body.data)",
    "sort_by(body.data, &id)[0].id",
    "starts_with(body.id, 'a')",
    "body.a > body.b",
    "body.data[?id=='a'].id | [0]",
    'headers."x-id"',
    "claims.jti",
    "sha256",
    "@",
)
expressions = st.sampled_from(WRITTEN).map(compiled)
names = st.sampled_from(["a", "b", "id", "data", "x"])
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
documents = st.recursive(
    scalars,
    lambda inner: st.dictionaries(names, inner, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=15,
)


def an_expressions() -> st.SearchStrategy[Expressions]:
    return st.builds(
        Expressions,
        organization=st.just("acme") | st.builds(Allowed, expressions, st.just({"a": "acme"})),
        event_id=st.lists(expressions, min_size=1, max_size=3).map(tuple),
        remote_session_id=expressions,
        cancel_without_email=st.booleans() | expressions,
        reason=st.none() | expressions,
        requested_by=st.none() | expressions,
        starts_at=st.none() | expressions,
        filters=st.dictionaries(names, expressions, max_size=2),
        items=st.none() | expressions,
    )


@given(expressions=an_expressions(), body=documents, claims=documents)
@settings(max_examples=250, deadline=None)
def test_any_document_is_asked_or_malformed(expressions: Expressions, body: Any, claims: Any) -> None:  # noqa: ANN401 - any JSON
    delivery = Delivery("crm", {"x-id": "evt_1"}, b"{}")
    with suppress(Malformed):
        document = mapping.document(delivery, body, claims)
        for item in mapping.items(expressions, document) or [document]:
            assert mapping.failed_filter(expressions, item) in {None, *expressions.filters}
            asked = mapping.asked(expressions, item)
            request = mapping.request_from(asked, asked.session, source="crm", now=NOW)
            assert isinstance(request, Request)
            assert json.loads(json.dumps(request.as_json())) == request.as_json()
