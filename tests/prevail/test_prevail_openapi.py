"""The OpenAPI document is what the emulator does: held to its tables, and tried out by schemathesis."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import unsupported_method
from starlette.routing import Route

from prevail import api
from prevail.assumed import ANSWERS
from prevail.client import Emulator
from prevail.model import STATES
from prevail.openapi import document
from prevail.operations import BY_NAME, OPERATIONS, Operation
from prevail.seeds import NamedSessionSeed
from prevail.server import running
from prevail.service import Service
from prevail.switches import Switches
from prevail.tokens import sign

type Case = schemathesis.Case[Any]

LEFT_OUT = [unsupported_method]
"""It wants a 405, and Rails answers a method without a route as it does a path without one: 404."""


def served(switches: dict[str, Any]) -> dict[str, Any]:
    return document(Switches().having(switches), "http://127.0.0.1")


def operations(of: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["operationId"]: one for path in of["paths"].values() for one in path.values()}


ALL = {"session_lookup": True, "state_filter": "state"}
VARIANTS: list[dict[str, Any]] = [
    {},
    ALL,
    {"error_body": "html", "canceled": 204, "already_canceled": 200},
    {"error_body": "nothing", "edited": 202, "requested": 200, "page_parameter": "none"},
]


@pytest.mark.parametrize("switches", VARIANTS)
def test_it_is_openapi_3_1(switches: dict[str, Any]) -> None:
    validate(served(switches), cls=OpenAPIV31SpecValidator)


def test_it_is_served(url: str) -> None:
    Emulator(url).reset()
    answer = requests.get(f"{url}/openapi.json", timeout=10)
    assert answer.json() == document(Switches(), url)


def test_it_follows_the_switches(emulator: Emulator) -> None:
    emulator.put_switches(already_canceled=422)
    found = requests.get(f"{emulator.url}/openapi.json", timeout=10).json()
    responses = operations(found)["cancel_session"]["responses"]
    assert "already canceled" in responses["422"]["description"]


def test_every_route_is_an_operation_and_every_operation_a_route() -> None:
    routes = [route for route in api.routes(Service(time.time)) if isinstance(route, Route)]
    found = {(method, route.path) for route in routes for method in (route.methods or ()) if method != "HEAD"}
    paths = served(ALL)["paths"]
    assert found == {(method.upper(), path) for path, methods in paths.items() for method in methods}


def test_every_operation_says_whether_it_is_documented() -> None:
    bases = {name: one["x-basis"] for name, one in operations(served(ALL)).items()}
    assert bases == {one.name: one.basis for one in OPERATIONS}
    assert {name for name, basis in bases.items() if basis == "assumed"} == {"show_session"}


def test_every_answer_belongs_to_an_operation() -> None:
    answers = {answer for operation in OPERATIONS for answer in operation.answers}
    assert answers == set(ANSWERS) - {"unknown_route"}


@pytest.fixture(scope="module")
def towns() -> Iterator[list[Emulator]]:
    """One emulator for each way to be set."""
    with ExitStack() as running_ones:
        found = [Emulator(running_ones.enter_context(running(switches=switches))) for switches in VARIANTS]
        for town in found:
            for slug in ("acme", "globex"):
                town.put_organization(slug, api_key=slug * 10)
        yield found


def cases(schema: BaseSchema, operation: Operation, mode: GenerationMode) -> st.SearchStrategy[Case]:
    """Half of them about a session that there is."""
    found = schema[operation.path][operation.method]
    if "{" not in operation.path:
        return found.as_strategy(generation_mode=mode)
    names = st.sampled_from([*STATES, "nobody", "theirs"])
    of_ours = names.flatmap(
        lambda name: found.as_strategy(generation_mode=mode, path_parameters={"remote_session_id": name})
    )
    return of_ours | found.as_strategy(generation_mode=mode)


def fill(town: Emulator) -> None:
    theirs: NamedSessionSeed = {"remote_session_id": "theirs", "organization": "globex", "state": "ready"}
    ours: list[NamedSessionSeed] = [
        {"remote_session_id": state, "organization": "acme", "state": state} for state in STATES
    ]
    town.put_sessions([theirs, *ours])


def try_out(town: Emulator, sent: st.SearchStrategy[Case], examples: int) -> None:
    """Raises what schemathesis raises of a difference."""
    token = sign("acme", "acme" * 10, expires_at=time.time() + 300)

    @settings(max_examples=examples, deadline=None, derandomize=True, database=None)
    @given(case=sent)
    def one(case: Case) -> None:
        fill(town)
        case.call_and_validate(
            town.url, headers={"Authorization": f"Bearer {token}"}, excluded_checks=LEFT_OUT
        )

    one()


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
@pytest.mark.parametrize("variant", range(len(VARIANTS)), ids=["assumed", "all", "html", "nothing"])
def test_whatever_is_sent_is_answered_as_it_says(
    towns: list[Emulator], variant: int, operation: Operation, mode: GenerationMode
) -> None:
    switches, town = VARIANTS[variant], towns[variant]
    if not operation.is_there(Switches().having(switches)):
        return
    schema = schemathesis.openapi.from_dict(served(switches))
    try_out(town, cases(schema, operation, mode), 12 if variant == 0 else 4)


def test_a_difference_would_be_found(towns: list[Emulator]) -> None:
    """The emulator that answers errors in HTML, held to the document of the one that answers them in JSON."""
    schema = schemathesis.openapi.from_dict(served({}))
    with pytest.raises(FailureGroup, match="Undocumented"):
        try_out(towns[2], cases(schema, BY_NAME["cancel_session"], GenerationMode.POSITIVE), 20)
