"""docs/openapi.yaml says what the code does and what the template deploys: nothing less, and nothing more."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from cancellations import __version__, ask, domain, receive, wait
from cancellations.adapters import http_api
from house.answers import ANSWERS, ASK, WEBHOOK, Answered
from house.template import ROOT, authorization_of_routes

OURS, GATEWAYS = "application/problem+json", "#/components/schemas/GatewaysOwn"
ALWAYS = {"content-type", "cache-control"}
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@cache
def document() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
    return parsed


def operations() -> dict[str, Mapping[str, Any]]:
    """By route key, such as `GET /v1/health`."""
    return {
        f"{method.upper()} {path}": item[method]
        for path, item in document()["paths"].items()
        for method in METHODS
        if method in item
    }


def resolved(part: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in part:
        found: Any = document()
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


# ── The document by itself ────────────────────────────────────────────────────────────────────────


def test_it_is_valid_openapi() -> None:
    assert list(OpenAPIV31SpecValidator(document()).iter_errors()) == []


def test_it_is_of_this_version() -> None:
    assert document()["info"]["version"] == __version__


def closed(schema: Any) -> Any:  # noqa: ANN401 - any part of a document
    """The same, but an object may have no properties that are not listed."""
    match schema:
        case {"type": "object", "properties": _}:
            parts = {name: closed(part) for name, part in schema.items()}
            return {"additionalProperties": False, **parts}
        case dict():
            return {name: closed(part) for name, part in schema.items()}
        case list():
            return [closed(part) for part in schema]
    return schema


@cache
def components() -> dict[str, Any]:
    parts: dict[str, Any] = closed(document()["components"])
    return parts


def faults_of(value: object, schema: Any) -> list[str]:  # noqa: ANN401 - a schema may be `true`
    within = {"allOf": [closed(schema)], "components": components()}
    validator = Draft202012Validator(within, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.message for error in validator.iter_errors(value)]


def examples() -> Iterator[tuple[str, object, Any]]:
    """Where each stands, what it says, and what it must be."""
    for route, operation in operations().items():
        contents = {"asks": operation.get("requestBody", {})}
        contents |= {status: resolved(response) for status, response in operation["responses"].items()}
        for part, holder in contents.items():
            for media_type, content in holder.get("content", {}).items():
                schema, where = content["schema"], f"{route} {part} {media_type}"
                if "example" in content:
                    yield where, content["example"], schema
                for name, example in content.get("examples", {}).items():
                    yield f"{where} {name}", resolved(example)["value"], schema
    for name, schema in document()["components"]["schemas"].items():
        for number, example in enumerate(schema.get("examples", [])):
            yield f"{name} {number}", example, {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize(("value", "schema"), [pytest.param(v, s, id=where) for where, v, s in examples()])
def test_an_example_is_what_it_is_an_example_of(value: object, schema: Any) -> None:  # noqa: ANN401 - as above
    assert faults_of(value, schema) == []


def test_every_operation_shows_an_answer_that_it_gives_when_all_is_well() -> None:
    shown = {where.rsplit(" ", 2)[0] for where, _, _ in examples()}
    assert [route for route in operations() if not any(s.startswith(f"{route} 2") for s in shown)] == [
        "GET /v1/health",  # whose schema has one
        "HEAD /v1/health",
    ]


def test_head_has_the_statuses_of_get_and_no_body() -> None:
    responses = operations()["HEAD /v1/health"]["responses"]
    assert responses.keys() == operations()["GET /v1/health"]["responses"].keys()
    assert [status for status, response in responses.items() if "content" in resolved(response)] == []


# ── The document and the template ─────────────────────────────────────────────────────────────────


def test_the_operations_are_the_routes_of_the_template() -> None:
    assert operations().keys() == authorization_of_routes().keys()


@pytest.mark.parametrize("route", authorization_of_routes())
def test_an_operation_says_whether_iam_must_know_the_caller(route: str) -> None:
    by_iam = authorization_of_routes()[route] == "AWS_IAM"
    assert operations()[route]["security"] == ([{"iam": []}] if by_iam else [])
    assert ("403" in operations()[route]["responses"]) is by_iam


# ── The document and the code ─────────────────────────────────────────────────────────────────────

PROBLEMS = (*http_api.PROBLEMS.values(), http_api.CONFLICT, http_api.NO_SUCH_ROUTE)


def schema_of(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = document()["components"]["schemas"][name]
    return found


def test_the_types_of_problems_are_those_of_the_code() -> None:
    assert set(schema_of("ProblemType")["enum"]) == {problem.type for problem in PROBLEMS}


def test_the_table_of_problems_is_that_of_the_code() -> None:
    rows = re.findall(
        r"^\| `([a-z-]+)` \| (\d+) \|.*\| (no|yes)", document()["info"]["description"], re.MULTILINE
    )
    again = {problem.name: "yes" if problem.status >= 500 else "no" for problem in PROBLEMS}
    assert set(rows) == {(p.name, str(p.status), again[p.name]) for p in PROBLEMS}


def test_the_statuses_are_those_of_the_domain() -> None:
    settled = set(domain.Settled.__value__.__args__)
    unsettled = set(domain.Unsettled.__value__.__args__)
    assert set(schema_of("SettledStatus")["enum"]) == settled
    assert set(schema_of("Status")["enum"]) == settled | unsettled


def test_the_fields_of_an_ask_are_those_of_the_code() -> None:
    assert tuple(schema_of("Ask")["properties"]) == ask.FIELDS


def test_the_limits_are_those_of_the_code() -> None:
    for route, limit in ((WEBHOOK, receive.MAX_BODY_BYTES), (ASK, ask.MAX_BODY_BYTES)):
        assert f"At most {limit // 1024} KiB" in operations()[route]["requestBody"]["description"]
    prefer = document()["components"]["parameters"]["Prefer"]
    assert f"More than {wait.LONGEST_S} is taken as {wait.LONGEST_S}" in prefer["description"]


of_every_answer = pytest.mark.parametrize("answered", ANSWERS, ids=str)


def documented(answered: Answered) -> Mapping[str, Any]:
    responses = operations()[answered.route]["responses"]
    assert str(answered.response["statusCode"]) in responses
    return resolved(responses[str(answered.response["statusCode"])])


def media_type_of(response: http_api.Response) -> str:
    media_type: str = response["headers"]["content-type"]
    return media_type.partition(";")[0]


@of_every_answer
def test_an_answer_is_documented_for_its_route(answered: Answered) -> None:
    assert media_type_of(answered.response) in documented(answered)["content"]


@of_every_answer
def test_the_body_of_an_answer_is_what_the_document_says(answered: Answered) -> None:
    media_type, body = media_type_of(answered.response), answered.response["body"]
    value = json.loads(body) if media_type.endswith("json") else body
    assert faults_of(value, documented(answered)["content"][media_type]["schema"]) == []


@of_every_answer
def test_the_headers_of_an_answer_are_documented(answered: Answered) -> None:
    known = {name.lower(): resolved(h) for name, h in documented(answered).get("headers", {}).items()}
    sent = {n: v for n, v in answered.response["headers"].items() if n not in ALWAYS | answered.echoed}
    assert sent.keys() <= known.keys()
    assert [fault for name in sent for fault in faults_of(sent[name], known[name]["schema"])] == []


@of_every_answer
def test_the_status_in_a_problem_is_that_of_the_answer(answered: Answered) -> None:
    if media_type_of(answered.response) == OURS:
        assert json.loads(answered.response["body"])["status"] == answered.response["statusCode"]


@dataclass(frozen=True, slots=True)
class Promise:
    route: str
    status: str
    media_type: str


def test_nothing_is_documented_that_nobody_answers() -> None:
    promised = {
        Promise(route, status, media_type)
        for route, operation in operations().items()
        for status, response in operation["responses"].items()
        for media_type, content in resolved(response).get("content", {}).items()
        if content["schema"].get("$ref") != GATEWAYS
    }
    given = {Promise(a.route, str(a.response["statusCode"]), media_type_of(a.response)) for a in ANSWERS}
    assert promised - given == set()


def test_every_problem_of_the_code_is_among_the_answers() -> None:
    shown = {json.loads(a.response["body"])["type"] for a in ANSWERS if media_type_of(a.response) == OURS}
    assert shown == {problem.type for problem in PROBLEMS} - {http_api.NO_SUCH_ROUTE.type}
