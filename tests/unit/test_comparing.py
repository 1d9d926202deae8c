"""A sender's "True", 1 or "yes" is never silently taken for something else where an expression decides."""

import pytest

from builders import some_expressions
from cancellations.domain import Json
from cancellations.errors import Malformed
from cancellations.source import mapping
from cancellations.source.expressions import Unclear, compiled
from cancellations.source.expressions.comparing import REFUSING, UNDERSTANDING
from cancellations.source.expressions.functions import flag_in

YES: tuple[Json, ...] = (True, "true", "True", "TRUE", " true ", "yes", "Yes", "Y", "on", "1", 1, 1.0)
NO: tuple[Json, ...] = (False, "false", "False", "FALSE", "no", "N", "off", "0", 0, 0.0)
NEITHER: tuple[Json, ...] = ("maybe", "null", "none", "ja", 2, -1, [], {}, [True], {"value": True})


def without_email(written: str, silent: Json) -> bool:
    compared = compiled(written, comparing=UNDERSTANDING)
    expressions = some_expressions()
    document: mapping.Item = {
        "headers": {"webhook-id": "1"},
        "body": {"silent": silent, "data": {"remote_session_id": "s"}},
    }
    with_flag = type(expressions)(
        expressions.organization, expressions.event_id, expressions.remote_session_id, compared
    )
    return mapping.asked(with_flag, document).cancel_without_email


def judged(written: str, value: Json) -> object:
    return compiled(written, comparing=REFUSING).search({"body": {"x": value}})


# ── cancel_without_email ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("written", ["body.silent == 'true'", "body.silent == `true`", "flag(body.silent)"])
@pytest.mark.parametrize("silent", YES, ids=repr)
def test_every_spelling_of_yes_spares_the_mail(written: str, silent: Json) -> None:
    assert without_email(written, silent) is True


@pytest.mark.parametrize("written", ["body.silent == 'true'", "body.silent == `true`", "flag(body.silent)"])
@pytest.mark.parametrize("silent", [*NO, None, ""], ids=repr)
def test_every_spelling_of_no_and_nothing_sends_the_mail(written: str, silent: Json) -> None:
    assert without_email(written, silent) is False


@pytest.mark.parametrize("written", ["body.silent == 'true'", "body.silent == `true`", "flag(body.silent)"])
@pytest.mark.parametrize("silent", NEITHER, ids=repr)
def test_what_is_neither_yes_nor_no_is_refused_by_name(written: str, silent: Json) -> None:
    with pytest.raises(Malformed, match="cancel_without_email cannot be judged"):
        without_email(written, silent)


@pytest.mark.parametrize("silent", YES, ids=repr)
def test_a_list_of_words_understands_every_spelling_of_them(silent: Json) -> None:
    assert without_email("contains(['yes', 'true'], body.silent)", silent) is True


def test_a_flag_contains_no_word() -> None:
    with pytest.raises(Malformed, match="cancel_without_email cannot be judged"):
        without_email("contains(body.silent, 'on')", "true")


@pytest.mark.parametrize("silent", NO, ids=repr)
def test_a_comparison_with_no_understands_every_spelling_of_it(silent: Json) -> None:
    assert without_email("body.silent == 'no'", silent) is True


@pytest.mark.parametrize("silent", ["None", " none", "NONE", True, 0, ["none"]])
def test_another_word_is_compared_to_the_letter_or_refused(silent: Json) -> None:
    with pytest.raises(Malformed, match="cancel_without_email"):
        without_email("body.silent == 'none'", silent)


@pytest.mark.parametrize(("silent", "spared"), [("none", True), ("all", False), (None, False)])
def test_another_word_that_is_plainly_another_is_no(silent: Json, spared: bool) -> None:
    assert without_email("body.silent == 'none'", silent) is spared


# ── Filters ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("body.x == `true`", "true"),
        ("body.x == `true`", "True"),
        ("body.x == `true`", 1),
        ("body.x == `true`", "yes"),
        ("body.x == 'true'", True),
        ("body.x == 'true'", "TRUE"),
        ("body.x == `false`", "false"),
        ("body.x == `false`", 0),
        ("body.x != `true`", "true"),
        ("body.x == `3`", "3"),
        ("body.x == '3'", 3),
        ("body.x == '2.5'", 2.5),
        ("body.x == 'canceled'", ["canceled"]),
        ("'canceled' == body.x", ["canceled", "late"]),
        ("contains(['yes', 'true'], body.x)", True),
        ("contains(['yes', 'true'], body.x)", "YES"),
        ("contains(`[true]`, body.x)", "true"),
        ("contains(`[1, 3]`, body.x)", "3"),
        ("contains(`[true]`, body.x)", 1),
        ('contains(`["canceled"]`, body.x)', ["canceled"]),
        ("contains(body.x, `3`)", ["3"]),
        ("body.[x, x] == ['a', `true`]", 1),
        ("body.[x] == [`true`]", "true"),
        ("[body.x, body.x] == `[true, true]`", 1),
        ('body == `{"x": true}`', 1),
    ],
)
def test_a_filter_refuses_what_is_the_same_in_another_spelling(written: str, value: Json) -> None:
    with pytest.raises(Unclear, match=r"^[^0-9]*$"):
        judged(written, value)


@pytest.mark.parametrize(
    ("written", "value", "verdict"),
    [
        ("body.x == `true`", True, True),
        ("body.x == `true`", False, False),
        ("body.x == `true`", "false", False),
        ("body.x == `true`", "late", False),
        ("body.x == `true`", None, False),
        ("body.x == `true`", {}, False),
        ("body.x == `1`", 1.0, True),
        ("body.x == `1`", 2, False),
        ("body.x == 'Canceled'", "Canceled", True),
        ("body.x == 'Canceled'", "canceled", False),
        ("body.x == 'canceled'", ["late"], False),
        ("body.x == 'canceled'", 7, False),
        ("body.x == `null`", None, True),
        ("body.x == `null`", False, False),
        ("body.x > `1`", 2, True),
        ("contains(['yes', 'y'], body.x)", "y", True),
        ("contains(['a', 'b'], body.x)", "c", False),
        ("contains(body.x, 'a')", ["b", "a"], True),
        ("contains(body.x, 'cancel')", "canceled", True),
        ("contains(body.x, 'cancel')", "late", False),
        ("body.[x, x] == ['a', 'a']", "a", True),
        ('body == `{"x": 1}`', 1, True),
        ("body.x > `1`", "2", False),
    ],
)
def test_a_filter_compares_as_jmespath_does_otherwise(written: str, value: Json, verdict: object) -> None:
    if written == "body.x > `1`" and value == "2":
        with pytest.raises(Exception, match="not supported"):
            judged(written, value)
        return
    assert judged(written, value) is verdict


def test_a_filter_that_cannot_be_judged_refuses_the_delivery_by_name() -> None:
    expressions = type(some_expressions())(
        "acme-legal",
        (compiled("body.id"),),
        compiled("body.session"),
        filters={"off": compiled("body.off == `true`", comparing=REFUSING)},
    )
    with pytest.raises(Malformed, match="filter off cannot be judged"):
        mapping.failed_filter(expressions, {"body": {"off": "true"}})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, "\ud800", "1" * 5000])
def test_no_value_is_an_accident(value: Json) -> None:
    assert flag_in(value) is None
    assert judged("body.x == '1'", value) is False
