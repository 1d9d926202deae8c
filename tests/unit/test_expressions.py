"""Expressions are checked once, when the configuration is read: what could never work is found before a delivery."""

import pytest

from cancellations.source.expressions import compiled

ALL = ("boolean", "number", "string", "list", "object")

KINDS = {
    "boolean": [
        "body.type == 'deposition.canceled'",
        "body.count > `1`",
        "!(body.open)",
        "!body",
        "`true`",
        "contains(body.tags, 'x')",
        "starts_with(body.status || '', 'CANC')",
        "ends_with(body.status, 'ED')",
        "body | starts_with(status, 'x')",
        "body.a == `1` && body.b == `2`",
        "body.a == `1` || contains(body.b, 'x')",
        "(body.a == `1`)",
    ],
    "number": ["length(body.items)", "`1`", "`1.5`", "sum(body.numbers)", "abs(body.n)", "ceil(body.n)"],
    "string": ["'text'", "to_string(body.id)", "join('-', body.parts)", "type(body)", "body | to_string(@)"],
    "list": [
        "[body.a, body.b]",
        "body.items[*].id",
        "body.items[]",
        "body.items[?open]",
        "body.*",
        "body.items[0:2]",
        "keys(body)",
        "sort_by(body.items, &id)",
        "`[]`",
    ],
    "object": ["{id: body.id}", "merge(body, `{}`)", "`{}`"],
}
UNTOLD = [
    "body",
    "body.a",
    "@",
    "body.items[0]",
    "body.items[*].id | [0]",
    "body.a || 'x'",
    "body.a && body.b == `1`",
    "not_null(body.a, body.b)",
    "max(body.numbers)",
    "to_number(body.n)",
    "reverse(body.a)",
    "`null`",
]
"""Only a document can tell what these yield."""

WRITTEN = [(kind, written) for kind, all_of_it in KINDS.items() for written in all_of_it]


@pytest.mark.parametrize(("kind", "written"), WRITTEN)
def test_an_expression_that_yields_what_is_wanted_is_taken(kind: str, written: str) -> None:
    assert compiled(written, (kind,)).expression == written


@pytest.mark.parametrize(("kind", "written"), WRITTEN)
def test_an_expression_that_can_never_yield_what_is_wanted_is_refused(kind: str, written: str) -> None:
    wanted = tuple(other for other in ALL if other != kind)
    with pytest.raises(ValueError, match=rf"^it yields a {kind}, where a "):
        compiled(written, wanted)


@pytest.mark.parametrize("written", UNTOLD)
@pytest.mark.parametrize("kind", ALL)
def test_an_expression_of_which_only_a_document_can_tell_is_taken(written: str, kind: str) -> None:
    assert compiled(written, (kind,)).expression == written


@pytest.mark.parametrize(("kind", "written"), WRITTEN)
def test_where_any_kind_will_do_every_expression_is_taken(kind: str, written: str) -> None:
    assert compiled(written).expression == written, kind


def test_a_refusal_names_all_that_would_do() -> None:
    with pytest.raises(ValueError, match="it yields a boolean, where a string or a number is needed"):
        compiled("body.a == `1`", ("string", "number"))


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("body.[", "invalid"),
        ("", "Invalid JMESPath"),
        ("lenght(body.x)", "there is no function lenght()"),
        ("body.items[?lenght(@) > `1`]", "there is no function lenght()"),
        ("length(body.x, body.y)", "length() takes 1 arguments, not 2"),
        ("not_null()", "not_null() takes 1 arguments, not 0"),
        ("body.x[::0]", "a slice cannot have the step 0"),
        ("!body.open", "it takes a part of a boolean, which has none; write !(a.b) for !a.b"),
        ("!body.open == `true`", "it takes a part of a boolean"),
        ("to_string(body.id).length", "it takes a part of a string"),
        ("length(body.items).x", "it takes a part of a number"),
        ("(" * 5000 + "body" + ")" * 5000, "nested too deeply"),
    ],
    ids=[
        "grammar",
        "empty",
        "function",
        "function-inside",
        "arguments",
        "no-arguments",
        "step",
        "not",
        "not-inside",
        "part-of-a-text",
        "part-of-a-number",
        "depth",
    ],
)
def test_an_expression_that_could_never_run_is_refused_in_one_line(written: str, fault: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]*$") as refused:
        compiled(written)
    assert fault.lower() in str(refused.value).lower()
