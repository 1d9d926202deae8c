"""Expressions are checked once, when the configuration is read: what could never work is found before a delivery."""

import pytest

from cancellations.source.expressions import Impossible, compiled
from cancellations.source.expressions.shapes import Kind

ALL: tuple[Kind, ...] = ("boolean", "number", "string", "list", "object")

KINDS: dict[Kind, list[str]] = {
    "boolean": [
        "body.type == 'deposition.canceled'",
        "body.count > `1`",
        "!(body.open)",
        "`true`",
        "contains(body.tags, 'x')",
        "flag(body.silent)",
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
OPEN = [
    "body",
    "body.a",
    "@",
    "body.items[0]",
    "body.items[*].id | [0]",
    "body.a || 'x'",
    "body.a && body.b == `1`",
    "not_null(body.a, body.b)",
    "max_by(body.items, &id)",
]
"""Only a document can say of which kind these are."""

WRITTEN = [(kind, written) for kind, all_of_it in KINDS.items() for written in all_of_it]


@pytest.mark.parametrize(("kind", "written"), WRITTEN)
def test_an_expression_of_the_wanted_kind_is_accepted(kind: Kind, written: str) -> None:
    assert compiled(written, (kind,)).written == written


@pytest.mark.parametrize(("kind", "written"), WRITTEN)
def test_an_expression_of_another_kind_is_refused(kind: Kind, written: str) -> None:
    wanted = tuple(other for other in ALL if other != kind)
    with pytest.raises(Impossible, match=r"^it yields an? \w+, not "):
        compiled(written, wanted)


@pytest.mark.parametrize("written", OPEN)
@pytest.mark.parametrize("kind", ALL)
def test_an_expression_of_an_unknown_kind_is_accepted(written: str, kind: Kind) -> None:
    assert compiled(written, (kind,)).written == written


def test_a_refusal_names_every_kind_that_is_wanted() -> None:
    with pytest.raises(Impossible, match="it yields a boolean, not a number or a text"):
        compiled("body.a == `1`", ("string", "number"))


@pytest.mark.parametrize(
    ("written", "reason", "fix"),
    [
        ("lenght(body.x)", "there is no function lenght()", "did you mean length()?"),
        ("zzz(body.x)", "there is no function zzz()", "use one of: abs, avg, "),
        ("body.items[?lenght(@) > `1`]", "there is no function lenght()", "length()"),
        ("length(body.x, body.y)", "length() takes 1 argument, not 2", "correct"),
        ("not_null()", "not_null() takes 1 or more arguments, not 0", "correct"),
        ("starts_with(body.x, `1`)", "starts_with() takes string in place 2, not a number", "correct"),
        ("sort_by(body.x, id)", "sort_by() takes an expression (&field) in place 2", "correct"),
        ("length(&x)", "length() takes string or array or object in place 1", "correct"),
        (
            "contains('canceled,off', body.x)",
            "contains() looks into a constant",
            "contains(field, 'canceled,off')",
        ),
        ("starts_with('canceled', body.x)", "starts_with() looks into a constant", "starts_with(field"),
        ("ends_with(body.x, '')", "ends_with() looks for the empty text", "write what to look for"),
        ("&body.x", "& is for arguments of functions only", "leave it out"),
        ("body.x[::0]", "a slice cannot have the step 0", "leave the step out"),
        ("!body.open", "it takes open of a boolean", "write !(a.b) for !a.b"),
        ("!body.open == `true`", "it takes open of a boolean", "write !(a.b) for !a.b"),
        ("to_string(body.id).length", "it takes length of a text", "correct the path"),
        ("length(body.items)[0]", "it takes [0] of a number", "correct the path"),
        ("{a: body.x}.b", "an object made in the expression has no field b", "it has a"),
        ("'a' == 'a'", "it compares two constants", "compare a field with a constant"),
        ("type(body.x) == 'text'", "are never equal", "'string'"),
        ("length(body.x) == '1'", "a number and the text '1' are never equal", "correct one of the two"),
        ("length(body.x) != `null`", "a number and null always differ", "correct one of the two"),
        ("(body.x == 'a') > `1`", "a boolean is neither smaller nor larger", "compare numbers"),
        ("body.a == body.b", "it compares two fields", "'text'"),
        ("body.list[?state == canceled]", "it compares two fields", "'text'"),
        ('body.list[?state == "canceled"]', "in double quotes is a field name", "write 'canceled'"),
        ('contains(body.list, "canceled")', "in double quotes is a field name", "write 'canceled'"),
        ("body.a == `True`", "`True` in backticks is not JSON", "write `true`"),
        ("body.a == `canceled`", "`canceled` in backticks is not JSON", "write 'canceled'"),
        ("(" * 5000 + "body" + ")" * 5000, "it is nested too deeply", "fewer levels"),
        (" | ".join(["body.a || body.b || body.c"] * 4), "more than 32 ways", "fewer ||"),
        ("", "it is empty", "docs/sources.md"),
        ("body.[", "invalid JMESPath, column", "docs/sources.md"),
        ("$.body.x", "unexpected '$'", "leave out the $"),
        ("{{body.x}}", "unexpected", "leave out the braces"),
        ("${body.x}", "unexpected", "leave out the"),
        ("body.a = 'x'", "unexpected '='", "compare with =="),
        ("body.a === 'x'", "unexpected", "compare with =="),
        ("body.a == 'x' and body.b == 'y'", "unexpected 'and'", "&& or ||"),
        ("not body.a", "unexpected 'body'", "negate by !"),
        ("body.items.0.id", "unexpected", "write an element as [0]"),
        ("body['a']", "unexpected", 'body."its name"'),
        ("headers.x-id", "unexpected '-'", 'headers."x-id"'),
        (".body.x", "unexpected '.'", "jq"),
        ("body.a == \u2018x\u2019", "unexpected", "straight quotes"),
        ("body.a == 'x", "unexpected", "docs/sources.md"),
    ],
)
def test_an_expression_that_cannot_work_is_refused_with_a_fix(written: str, reason: str, fix: str) -> None:
    with pytest.raises(Impossible, match=r"^[^\n]*$") as refused:
        compiled(written)
    assert reason in str(refused.value)
    assert fix in refused.value.fix


@pytest.mark.parametrize(
    "written",
    [
        "body.\"a b\" == 'x'",
        "body.list[?\"first-name\" == 'x']",
        'headers."x-id"',
        'body.a == `["x"]`',
        'body.a == `"x"`',
        "body.list[?a == (b || '')]",
        "sort_by(body.list, &a)[0].b",
        "map(&a, body.list)",
        "type(body.a) == 'array'",
    ],
)
def test_what_is_unusual_and_right_is_accepted(written: str) -> None:
    assert compiled(written).written == written


def test_many_conditions_are_no_alternatives() -> None:
    filters = " || ".join(f"body.type == 'type-{n}'" for n in range(200))
    assert compiled(filters).search({"body": {"type": "type-199"}}) is True
