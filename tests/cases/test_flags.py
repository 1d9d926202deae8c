"""`cancel_without_email` as tools and forms write it: no e-mail that was asked not to be sent."""

import json

import pytest

from cases.desk import Desk, reported
from cases.tables import KEYED_JSON, asked, tool

GITHUB = "https://github.com"
RECIPES = ["body.silent == 'true'", "flag(body.silent)"]

YES = [
    pytest.param(True, id="true"),
    pytest.param("true", id="a text"),
    pytest.param("True", id="Python"),
    pytest.param("yes", id="yes"),
    pytest.param(1, id="one"),
    reported(f"{GITHUB}/nocodb/nocodb/issues/953", "TRUE"),
    reported(f"{GITHUB}/MarechJ/hll_rcon_tool/pull/852", "1"),
    reported(f"{GITHUB}/mpscholten/request-parser/issues/46", "Yes"),
]
NO = [
    pytest.param(False, id="false"),
    pytest.param("false", id="a text"),
    pytest.param("no", id="no"),
    pytest.param(0, id="zero"),
    reported(f"{GITHUB}/nocodb/nocodb/issues/953", "FALSE"),
    reported(f"{GITHUB}/MarechJ/hll_rcon_tool/pull/852", "0"),
]


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("silent", YES)
def test_a_yes_spares_the_email(desk: Desk, recipe: str, silent: object) -> None:
    tried = desk.deliver("tool", tool(recipe), asked(silent=silent), KEYED_JSON)
    assert tried.request["cancel_without_email"] is True


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("silent", NO)
def test_a_no_sends_the_email(desk: Desk, recipe: str, silent: object) -> None:
    tried = desk.deliver("tool", tool(recipe), asked(silent=silent), KEYED_JSON)
    assert tried.request["cancel_without_email"] is False


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_field_that_is_missing_sends_the_email(desk: Desk, recipe: str) -> None:
    """https://github.com/IBM/mcp-context-forge/pull/627: a form leaves out a box that is not ticked."""
    tried = desk.deliver("tool", tool(recipe), asked(), KEYED_JSON)
    assert tried.request["cancel_without_email"] is False


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("silent", ["maybe", ["true"], {"value": "true"}, 2], ids=json.dumps)
def test_what_is_neither_yes_nor_no_is_refused_by_name(desk: Desk, recipe: str, silent: object) -> None:
    tried = desk.deliver("tool", tool(recipe), asked(silent=silent), KEYED_JSON)
    assert tried.refused("cancel_without_email")
    assert tried.answer == 400


TICKED = [
    reported(f"{GITHUB}/encode/django-rest-framework/issues/4624", "on"),
    reported(f"{GITHUB}/encode/django-rest-framework/issues/4624", "off", by="not ticked"),
    reported(f"{GITHUB}/msgspec/msgspec/issues/784", "On"),
]


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("silent", TICKED)
def test_a_ticked_box_is_understood_or_refused(desk: Desk, recipe: str, silent: str) -> None:
    """Never the other way round."""
    tried = desk.deliver("tool", tool(recipe), asked(silent=silent), KEYED_JSON)
    if tried.requests:
        assert tried.request["cancel_without_email"] is (silent.lower() == "on")
    else:
        assert tried.refused("cancel_without_email")


def test_a_field_without_flag_takes_booleans_alone(desk: Desk) -> None:
    """A text is refused by name: it is not taken for `false`."""
    tried = desk.deliver("tool", tool("body.silent"), asked(silent="true"), KEYED_JSON)
    assert tried.refused("cancel_without_email")
    tried = desk.deliver("tool", tool("body.silent"), asked(silent=True), KEYED_JSON)
    assert tried.request["cancel_without_email"] is True


def test_a_constant_needs_no_quotes(desk: Desk) -> None:
    sources = tool().replace("\"body.silent == 'true'\"", "true")
    tried = desk.deliver("tool", sources, asked(silent="no"), KEYED_JSON)
    assert tried.request["cancel_without_email"] is True
