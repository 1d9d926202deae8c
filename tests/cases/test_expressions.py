"""Expressions that cannot mean what they say are refused before the first delivery."""

import pytest

from cases.desk import Desk, line_of, reported
from cases.tables import CANCELED, NOTE_ADDED, RESCHEDULED, SIGNED_JSON, crm, salesforce, tool

GITHUB = "https://github.com"

pytestmark = pytest.mark.filterwarnings("ignore:deprecated string literal syntax:PendingDeprecationWarning")
"""jmespath warns of a bare word in backticks; outside pytest nobody sees it."""

TEXT_AS_NAME = [
    pytest.param('body.type == "deposition.canceled"', "'deposition.canceled'", id="a name with a dot"),
    pytest.param('body.state == "canceled"', "'canceled'", id="null equals null"),
    reported(
        f"{GITHUB}/jmespath/jp/issues/21", 'body.data.state == "running"', "'running'", by="a nested field"
    ),
    reported(
        f"{GITHUB}/jmespath/jmespath.php/issues/26", '"canceled" == body.state', "'canceled'", by="left"
    ),
    reported(f"{GITHUB}/jmespath/jmespath.js/issues/86", '"body"."type" == "gone"', "'gone'"),
    reported(f"{GITHUB}/jmespath/jmespath.rb/issues/59", 'body.type == "called off"', "'called off'"),
    reported(
        f"{GITHUB}/jmespath/jmespath.py/issues/199",
        "body.parts[?available == \"true\"] | [0].id == '1'",
        "'true'",
        by="inside a filter",
    ),
    pytest.param("body.state == canceled", "'canceled'", id="a bare word"),
]


@pytest.mark.parametrize(("expression", "fix"), TEXT_AS_NAME)
def test_a_text_written_as_a_name_is_refused(desk: Desk, expression: str, fix: str) -> None:
    sources = crm(expression)
    ended = desk.check(sources)
    assert ended.code == 2
    assert line_of(sources, "canceled =") in ended.stderr
    assert fix in ended.stderr


NO_SUCH_ROOT = [
    pytest.param("type == 'deposition.canceled'", "body.type", id="the field alone"),
    pytest.param("bdoy.type == 'deposition.canceled'", "body", id="a typing error"),
    pytest.param("item.type == 'deposition.canceled'", "items", id="an item without items"),
    reported(
        f"{GITHUB}/jmespath/jmespath.rb/issues/59",
        "payload.type == 'deposition.canceled'",
        "body",
        by="no such field",
    ),
]


@pytest.mark.parametrize(("expression", "fix"), NO_SUCH_ROOT)
def test_a_root_that_no_document_has_is_refused(desk: Desk, expression: str, fix: str) -> None:
    sources = crm(expression)
    ended = desk.check(sources)
    assert ended.code == 2
    assert line_of(sources, "canceled =") in ended.stderr
    assert fix in ended.stderr


def test_a_session_without_its_root_is_refused(desk: Desk) -> None:
    sources = crm(session="data.remote_session_id")
    ended = desk.check(sources)
    assert ended.code == 2
    assert line_of(sources, "remote_session_id =") in ended.stderr
    assert "body.data" in ended.stderr


def test_the_word_true_in_quotes_is_refused(desk: Desk) -> None:
    """As an expression it names a field `true` at the root. The fix is `true` without quotes."""
    sources = tool("true")
    ended = desk.check(sources)
    assert ended.code == 2
    assert line_of(sources, "cancel_without_email =") in ended.stderr
    assert "true without" in ended.stderr


HEADERS_IN_CAPITALS = [
    reported(f"{GITHUB}/grammyjs/grammY/pull/900", 'headers."Idempotency-Key"'),
    reported(f"{GITHUB}/aws/aws-lambda-dotnet/issues/915", 'headers."IDEMPOTENCY-KEY"'),
]


@pytest.mark.parametrize("expression", HEADERS_IN_CAPITALS)
def test_a_header_in_capitals_is_refused(desk: Desk, expression: str) -> None:
    sources = tool(event_id=expression)
    ended = desk.check(sources)
    assert ended.code == 2
    assert line_of(sources, "event_id =") in ended.stderr
    assert "idempotency-key" in ended.stderr


OTHER_LANGUAGES = [
    reported(f"{GITHUB}/jmespath/jmespath.js/issues/41", "body.seats == 2", by="a number without backticks"),
    reported(f"{GITHUB}/jmespath/jmespath.py/issues/160", "body.type == 'a' and body.state == 'b'"),
    reported(f"{GITHUB}/jmespath/jmespath.py/issues/3", "body.type == 'a' or body.state == 'b'"),
    reported(f"{GITHUB}/json-path/JsonPath/pull/28", "body.type = 'deposition.canceled'"),
    reported(f"{GITHUB}/jmespath/jmespath.jep/issues/36", "$.body.type == 'deposition.canceled'"),
    reported(f"{GITHUB}/ietf-wg-jsonpath/draft-ietf-jsonpath-base/pull/332", '$.body[@.type == "gone"]'),
    reported(f"{GITHUB}/open-force/jsonparse/issues/1", "body.items.[0].type == 'deposition.canceled'"),
    reported(f"{GITHUB}/nichtich/jq-jsonpointer/issues/5", "body.items.0.type == 'deposition.canceled'"),
]


@pytest.mark.parametrize("expression", OTHER_LANGUAGES)
def test_the_syntax_of_another_language_is_refused(desk: Desk, expression: str) -> None:
    sources = crm(expression)
    ended = desk.check(sources)
    assert ended.code == 2
    assert line_of(sources, "canceled =") in ended.stderr


def test_a_name_with_a_hyphen_needs_quotes(desk: Desk) -> None:
    """https://github.com/aws-powertools/powertools-lambda-typescript/issues/1499"""
    sources = tool(event_id="headers.idempotency-key")
    ended = desk.check(sources)
    assert ended.code == 2
    assert line_of(sources, "event_id =") in ended.stderr


def test_the_boolean_of_python_is_refused(desk: Desk) -> None:
    """https://github.com/sileht/python-jsonpath-rw-ext/issues/10: `True` is read as a text, and equals no boolean."""
    sources = crm("body.canceled == `True`")
    ended = desk.check(sources)
    assert ended.code == 2
    assert line_of(sources, "canceled =") in ended.stderr
    assert "`true`" in ended.stderr


def test_a_bare_word_in_backticks_is_a_text_or_refused(desk: Desk) -> None:
    """https://github.com/jmespath/jmespath.py/issues/229: it is no JSON, yet this library takes it for a text."""
    sources = crm("body.state == `canceled`")
    if desk.check(sources).code == 0:
        assert desk.deliver("crm", sources, CANCELED, SIGNED_JSON).taken
        assert desk.deliver("crm", sources, RESCHEDULED, SIGNED_JSON).ignored
        assert desk.deliver("crm", sources, NOTE_ADDED, SIGNED_JSON).ignored


@pytest.mark.parametrize(
    "expression",
    [
        reported(f"{GITHUB}/jmespath/jmespath.py/issues/169", "body.seats < '3'"),
        reported(f"{GITHUB}/burtcorp/jmespath-java/issues/45", "body.seats > '1'"),
    ],
)
def test_a_number_is_not_ordered_against_a_text(desk: Desk, expression: str) -> None:
    """The filter cannot be judged: the delivery is refused by the filter's name, or the check refuses it before."""
    sources = crm(expression)
    if desk.check(sources).code == 0:
        tried = desk.deliver("crm", sources, CANCELED, SIGNED_JSON)
        assert tried.refused("filter canceled")
        assert tried.answer == 400


def test_an_organization_id_of_15_characters_is_refused(desk: Desk) -> None:
    """Messages carry 18 characters: the comparison would ignore every cancellation."""
    sources = salesforce("00D000000000001")
    ended = desk.check(sources)
    assert ended.code == 2
    assert line_of(sources, "our-org =") in ended.stderr
    assert "00D000000000001EAA" in ended.stderr


def test_an_organization_id_of_18_characters_is_accepted(desk: Desk) -> None:
    assert desk.check(salesforce()).code == 0
