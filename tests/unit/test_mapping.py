from collections.abc import Callable
from typing import Any

import pytest

from builders import NOW, a_delivery, a_payload, some_allowed, some_expressions
from cancellations.domain import Json, Request
from cancellations.errors import Malformed
from cancellations.source import mapping
from cancellations.source.mapping import MAX_ITEMS, Expressions, Item, failed_filter


def a_document(*, event_id: object = "msg_1", **data: object) -> Any:  # noqa: ANN401 - JSON of any shape
    return {"headers": {"webhook-id": event_id}, "body": a_payload(**data)}


def mapped(document: Item, **written: Any) -> Request:  # noqa: ANN401 - whatever stands in the file
    asked = mapping.asked(some_expressions(**written), document)
    return mapping.request_from(asked, asked.session, source="acme", now=NOW)


def test_a_document_becomes_the_request_it_asks_for() -> None:
    document = a_document(
        cancel_without_email=True, reason="settled", by="clerk@acme.example", at="2027-01-15T08:00:00Z"
    )
    found = mapped(document, reason="body.data.reason", requested_by="body.data.by", starts_at="body.data.at")
    assert found == Request(
        organization="acme-legal",
        source="acme",
        event_id="msg_1",
        remote_session_id="session-1",
        cancel_without_email=True,
        accepted_at=NOW,
        reason="settled",
        requested_by="clerk@acme.example",
        starts_at=NOW,
    )


# ── Fields ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("session", [None, 7, "../sessions", "", ["session-1"]])
def test_a_session_that_could_be_anything_but_one_is_malformed(session: object) -> None:
    with pytest.raises(Malformed, match="remote_session_id"):
        mapped(a_document(remote_session_id=session))


@pytest.mark.parametrize("event", [None, 7, "", " evt", ["evt"]])
def test_an_event_id_that_could_look_like_another_is_malformed(event: object) -> None:
    with pytest.raises(Malformed, match="event_id"):
        mapped(a_document(event_id=event))


def test_an_event_id_may_be_composed_of_several_values() -> None:
    found = mapped(a_document(number=7), event_id=('headers."webhook-id"', "body.data.number"))
    assert found.event_id == '["msg_1",7]'


def test_an_event_id_of_which_a_part_is_missing_is_malformed() -> None:
    with pytest.raises(Malformed, match="a part of event_id is missing"):
        mapped(a_document(), event_id=('headers."webhook-id"', "body.data.number"))


@pytest.mark.parametrize("flag", [True, False])
def test_the_flag_is_taken_as_it_is(*, flag: bool) -> None:
    assert mapped(a_document(cancel_without_email=flag)).cancel_without_email is flag


def test_the_mails_are_sent_where_a_document_says_nothing() -> None:
    assert mapped(a_document()).cancel_without_email is False


@pytest.mark.parametrize("constant", [True, False])
def test_a_constant_flag_stands_whatever_the_document_says(*, constant: bool) -> None:
    document = a_document(cancel_without_email=not constant)
    assert mapped(document, cancel_without_email=constant).cancel_without_email is constant


@pytest.mark.parametrize("value", ["true", 1, []])
def test_a_flag_that_is_not_true_or_false_is_malformed(value: object) -> None:
    with pytest.raises(Malformed, match="cancel_without_email"):
        mapped(a_document(cancel_without_email=value))


@pytest.mark.parametrize("field", ["reason", "requested_by", "starts_at"])
def test_what_only_describes_a_request_may_be_missing(field: str) -> None:
    assert getattr(mapped(a_document(), **{field: "body.data.nothing"}), field) is None


@pytest.mark.parametrize("field", ["reason", "requested_by", "starts_at"])
def test_what_only_describes_a_request_is_left_out_if_it_is_an_object(field: str) -> None:
    found = mapped(a_document(), **{field: "body.data"})
    assert getattr(found, field) is None
    assert found.notes == (f"{field} was left out: it is an object, not {NEEDED[field]}",)


NEEDED = {"reason": "text", "requested_by": "text", "starts_at": "a time"}


@pytest.mark.parametrize("field", ["reason", "requested_by", "starts_at"])
def test_what_only_describes_is_left_out_if_its_expression_fails(field: str) -> None:
    found = mapped(a_document(), **{field: "join('-', body.data.nothing)"})
    assert found.notes == (f"{field} was left out: its expression does not fit this delivery",)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (3, "3"),
        (2.5, "2.5"),
        (True, "true"),
        (["Settled", "Witness ill"], "Settled, Witness ill"),
        ([1, "a", False], "1, a, false"),
        ("a\x00b\nc", "a b c"),
        ("x" * 501, "x" * 500),
        ("", None),
        ([], None),
    ],
)
def test_a_reason_becomes_text(reason: Json, text: str | None) -> None:
    found = mapped(a_document(reason=reason), reason="body.data.reason")
    assert (found.reason, found.notes) == (text, ())


@pytest.mark.parametrize(
    "written",
    [
        NOW,
        int(NOW) * 1000,
        str(int(NOW)),
        f" {int(NOW) * 1000} ",
        "2027-01-15T08:00:00Z",
        "2027-01-15T08:00:00.000+0000",
        "2027-01-15 03:00:00-05:00",
        "2027-01-15T08:00:00.0000000Z",
        "2027-01-15 08:00:00 UTC",
    ],
)
def test_a_time_is_read_in_every_form_that_has_one_meaning(written: Json) -> None:
    found = mapped(a_document(at=written), starts_at="body.data.at")
    assert (found.starts_at, found.notes) == (NOW, ())


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "2027-01-15T08:00:00",
        "2027-01-15",
        "11/24/2026 6:00 PM",
        "tomorrow",
        "1" * 65,
        "2027-13-15T08:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        0,
        -1,
        20271115,
        int(NOW) * 1_000_000_000,
        10**400,
        True,
        [],
        {},
    ],
)
def test_a_time_that_cannot_be_read_is_left_out_with_a_note(written: Json) -> None:
    found = mapped(a_document(at=written), starts_at="body.data.at")
    assert found.starts_at is None
    (note,) = found.notes
    assert note.startswith("starts_at was left out: it is ")


# ── Organizations ─────────────────────────────────────────────────────────────────────────────────

BY_NUMBER = some_allowed("body.data.account", **{"17": "acme-legal", "x": "acme-east", "True": "acme-west"})


@pytest.mark.parametrize(
    ("account", "organization"), [("17", "acme-legal"), (17, "acme-legal"), ("x", "acme-east")]
)
def test_the_payload_says_which_organization_of_the_list_is_meant(account: object, organization: str) -> None:
    assert mapped(a_document(account=account), organization=BY_NUMBER).organization == organization


@pytest.mark.parametrize("account", [None, "18", 18, True, 17.0, "acme-legal", "", ["17"], {"17": "x"}])
def test_an_organization_that_is_not_in_the_list_is_malformed(account: object) -> None:
    with pytest.raises(Malformed, match="organization is none that the source may speak for"):
        mapped(a_document(account=account), organization=BY_NUMBER)


def test_a_payload_has_no_say_where_one_organization_is_named() -> None:
    assert mapped(a_document(organization="other")).organization == "acme-legal"


# ── Documents ─────────────────────────────────────────────────────────────────────────────────────


def test_a_document_holds_the_headers_the_hash_of_the_raw_body_and_the_claims() -> None:
    found = mapping.document(a_delivery(body=b"abc"), {"a": 1}, {"jti": "t"})
    assert found["sha256"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert (found["headers"], found["body"], found["claims"]) == (
        dict(a_delivery(body=b"abc").headers),
        {"a": 1},
        {"jti": "t"},
    )


def test_the_body_of_a_bus_events_document_is_the_whole_envelope() -> None:
    assert mapping.bus_document({"detail": {}}) == {
        "headers": {},
        "body": {"detail": {}},
        "sha256": None,
        "claims": None,
    }


# ── Items ─────────────────────────────────────────────────────────────────────────────────────────


def of_items(written: str = "body") -> Expressions:
    return some_expressions(items=written)


def a_body_of(body: Json) -> Item:
    return {"headers": {"a": "b"}, "body": body, "sha256": "", "claims": None}


def test_a_list_makes_an_item_of_each_element_beside_all_of_the_document() -> None:
    document = a_body_of([{"n": 1}, {"n": 2}])
    assert mapping.items(of_items(), document) == [{**document, "item": {"n": n}} for n in (1, 2)]


def test_an_object_is_the_only_item() -> None:
    document = a_body_of({"data": {"n": 1}})
    assert mapping.items(of_items("body.data"), document) is None
    assert document["item"] == {"n": 1}


def test_an_empty_list_has_no_items() -> None:
    assert mapping.items(of_items(), a_body_of([])) == []


@pytest.mark.parametrize(("count", "fits"), [(MAX_ITEMS, True), (MAX_ITEMS + 1, False)])
def test_a_delivery_has_at_most_a_hundred_items(count: int, *, fits: bool) -> None:
    try:
        found = mapping.items(of_items(), a_body_of([{}] * count))
    except Malformed:
        found = None
    assert (found is not None) is fits


@pytest.mark.parametrize("body", [None, 1, "text", True])
def test_items_that_are_no_list_are_malformed(body: Json) -> None:
    with pytest.raises(Malformed, match="not a list"):
        mapping.items(of_items(), a_body_of(body))


def test_a_source_without_items_takes_the_whole_document_as_one() -> None:
    assert mapping.items(some_expressions(), a_body_of({})) is None


@pytest.mark.parametrize("body", [[], [{}], None, 1, "text"])
def test_a_body_that_is_no_object_is_malformed_for_a_source_without_items(body: Json) -> None:
    with pytest.raises(Malformed, match="not a JSON object"):
        mapping.items(some_expressions(), a_body_of(body))


# ── Filters ───────────────────────────────────────────────────────────────────────────────────────

OF_CANCELLATIONS = {"canceled": "body.type == 'deposition.canceled'", "ours": "body.data.ours"}


def test_without_a_filter_every_document_is_a_cancellation() -> None:
    assert failed_filter(some_expressions(), a_document()) is None


@pytest.mark.parametrize(
    ("kind", "ours", "failed"),
    [
        ("deposition.canceled", True, None),
        ("deposition.moved", True, "canceled"),
        ("deposition.canceled", False, "ours"),
        ("deposition.moved", False, "canceled"),
    ],
)
def test_a_document_is_a_cancellation_where_every_filter_says_so(
    kind: str, *, ours: bool, failed: str | None
) -> None:
    document: Item = {"headers": {}, "body": {"type": kind, "data": {"ours": ours}}}
    assert failed_filter(some_expressions(filters=OF_CANCELLATIONS), document) == failed


@pytest.mark.parametrize("expression", ["body.type", "body.nothing", "body.data", "`1`", "[body.type]"])
def test_a_filter_that_yields_neither_true_nor_false_is_malformed(expression: str) -> None:
    with pytest.raises(Malformed, match="filter odd"):
        failed_filter(some_expressions(filters={"odd": expression}), a_document())


# ── Expressions that do not fit ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("body", [None, 42, "text", [], [{"data": {"remote_session_id": "session-1"}}]])
def test_a_document_of_another_shape_is_malformed(body: Json) -> None:
    with pytest.raises(Malformed, match="remote_session_id is missing"):
        mapped({"headers": {"webhook-id": "msg_1"}, "body": body})


MISFITS = [
    "length(body.data.number)",
    "sort(body.data.mixed)",
    "keys(body.type)",
    pytest.param("contains(body.type, body.data.number)", id="TypeError"),
    pytest.param("max_by(body.data.mixed, &@)", id="TypeError-in-a-comparison"),
    pytest.param("ceil(to_number(body.data.huge))", id="OverflowError"),
    pytest.param("floor(to_number(body.data.nan))", id="ValueError"),
]


@pytest.mark.parametrize("expression", MISFITS)
@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda e, d: mapped(d, remote_session_id=e), id="session"),
        pytest.param(lambda e, d: mapped(d, event_id=(e, e)), id="event"),
        pytest.param(lambda e, d: mapped(d, organization=some_allowed(e)), id="organization"),
        pytest.param(lambda e, d: failed_filter(some_expressions(filters={"f": e}), d), id="filter"),
        pytest.param(lambda e, d: mapping.items(some_expressions(items=e), d), id="items"),
    ],
)
def test_an_expression_that_does_not_fit_the_document_is_malformed(
    expression: str, read: Callable[[str, Item], object]
) -> None:
    document = a_document(number=1, mixed=[1, "a"], huge="1e999", nan="nan")
    with pytest.raises(Malformed, match="does not fit"):
        read(expression, document)


def test_values_are_data_and_never_expressions() -> None:
    document = a_document(remote_session_id="body.type")
    assert mapped(document).remote_session_id == "body.type"
