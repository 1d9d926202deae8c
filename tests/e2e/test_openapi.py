"""The deployed API against docs/openapi.yaml: whatever is sent, the answer is one that the document knows.

The document generates what is sent, valid and not. No answer may be a 5xx, and none may contradict the document in
its status, media type, headers or body.
"""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from asking import an_ask
from e2e.deliveries import CRM, a_session
from e2e.signing import AsCaller, AsSource, session
from house.template import ROOT
from prevail.client import Emulator
from stack import StackInfo

AS_DOCUMENTED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
WEBHOOK, ASK = ("/v1/webhooks/{source}", "POST"), ("/v1/requests", "POST")
FIND, HEALTH = ("/v1/requests/{id}", "GET"), ("/v1/health", "GET")

LONGEST_ANSWER_S = 30
"""As long as API Gateway waits: `Prefer` may ask for 20 s, and a busy machine takes its time."""

type Case = schemathesis.Case[Any]


def unsecured() -> dict[str, Any]:
    """The document without its security: what is generated is signed when it is sent, valid or not."""
    parsed: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
    del parsed["components"]["securitySchemes"]
    for item in parsed["paths"].values():
        for operation in item.values():
            del operation["security"]
    return parsed


document = schemathesis.openapi.from_dict(unsecured())

some = settings(
    max_examples=50,
    deadline=None,  # the local AWS is no measure of time
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def cases(
    operation: tuple[str, str],
    mode: GenerationMode = GenerationMode.POSITIVE,
    **fixed: Any,  # noqa: ANN401 - parts of a case
) -> st.SearchStrategy[Case]:
    path, method = operation
    strategy: st.SearchStrategy[Case] = document[path][method].as_strategy(generation_mode=mode, **fixed)
    return strategy


def a_case(operation: tuple[str, str], **parts: Any) -> Case:  # noqa: ANN401 - parts of a case
    path, method = operation
    case: Case = document[path][method].Case(**parts)
    return case


@pytest.fixture(scope="module")
def source(info: StackInfo) -> Iterator[requests.Session]:
    with session(AsSource(info.source(CRM).secret or "")) as http:
        yield http


@pytest.fixture(scope="module")
def caller() -> Iterator[requests.Session]:
    with session(AsCaller()) as http:
        yield http


@pytest.fixture(scope="module")
def stranger() -> Iterator[requests.Session]:
    with session() as http:
        yield http


def answer(case: Case, info: StackInfo, http: requests.Session, *checks: Any) -> schemathesis.Response:  # noqa: ANN401
    return case.call_and_validate(
        info.api_url, http, timeout=LONGEST_ANSWER_S, checks=[*AS_DOCUMENTED, *checks]
    )


# ── Webhooks ──────────────────────────────────────────────────────────────────────────────────────


@some
@given(case=cases(WEBHOOK, path_parameters={"source": CRM}))
def test_whatever_a_source_signs_is_answered_as_documented(
    case: Case, info: StackInfo, source: requests.Session
) -> None:
    assert answer(case, info, source).status_code != 401


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=9), parts, max_size=3),
    max_leaves=6,
)
cancellations = st.fixed_dictionaries(
    {"type": st.just("deposition.canceled")},
    optional={
        "data": anything
        | st.fixed_dictionaries(
            {"remote_session_id": st.from_regex(r"\A[A-Za-z0-9_-]{1,9}\Z") | anything},
            optional={"cancel_without_email": st.booleans() | anything, "reason": st.text() | anything},
        )
    },
)


@some
@given(payload=cancellations)
def test_whatever_a_source_calls_a_cancellation_is_answered_as_documented(
    payload: dict[str, Any], info: StackInfo, source: requests.Session
) -> None:
    case = a_case(WEBHOOK, path_parameters={"source": CRM}, body=payload, media_type="application/json")
    assert answer(case, info, source).status_code in {202, 400}


@some
@given(case=cases(WEBHOOK))
def test_whatever_nobody_signs_is_refused(case: Case, info: StackInfo, stranger: requests.Session) -> None:
    assert answer(case, info, stranger).status_code == 401


# ── Callers ───────────────────────────────────────────────────────────────────────────────────────


@some
@given(case=cases(ASK))
def test_what_the_document_calls_an_ask_is_taken(
    case: Case, info: StackInfo, caller: requests.Session
) -> None:
    assert isinstance(case.body, dict)
    case.body["organization"] = "example-legal"
    case.headers.pop("Prefer", None)  # waiting has a test of its own, and takes its time
    assert answer(case, info, caller).status_code in {200, 202, 422}


@settings(some, max_examples=100)
@given(case=cases(ASK, GenerationMode.NEGATIVE))
def test_what_the_document_does_not_call_an_ask_is_refused(
    case: Case, info: StackInfo, caller: requests.Session
) -> None:
    answer(case, info, caller, negative_data_rejection)


@some
@given(case=cases(FIND))
def test_whatever_is_asked_after_is_answered_as_documented(
    case: Case, info: StackInfo, caller: requests.Session
) -> None:
    assert answer(case, info, caller).status_code == 404


@pytest.mark.parametrize("operation", [ASK, FIND], ids=lambda operation: operation[1])
@pytest.mark.parametrize("auth", [None, AsCaller("nobody-knows-this-key")], ids=["unsigned", "unknown"])
def test_a_caller_whom_iam_does_not_know_is_told_so(
    operation: tuple[str, str], auth: AsCaller | None, info: StackInfo
) -> None:
    @settings(some, max_examples=5)
    @given(case=cases(operation))
    def refused(case: Case) -> None:
        with session(auth) as http:
            assert answer(case, info, http).status_code == 403

    refused()


def test_an_ask_is_taken_waited_for_and_found(
    info: StackInfo, prevail: Emulator, caller: requests.Session
) -> None:
    ask = an_ask(organization="example-legal", remote_session_id=a_session(prevail), reason="It settled.")
    headers = {"Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=15"}
    case = a_case(ASK, headers=headers, body=ask.body, media_type="application/json")
    settled = answer(case, info, caller)
    assert (settled.status_code, settled.json()["status"]) == (200, "canceled")
    assert settled.headers["preference-applied"] == ["wait=15"]
    found = answer(a_case(FIND, path_parameters={"id": settled.json()["id"]}), info, caller)
    assert found.json()["outcome"] == settled.json()["outcome"]
    assert [attempt["answer"] for attempt in found.json()["attempts"]] == [
        found.json()["outcome"]["evidence"]
    ]
    assert found.json()["requested_by"].endswith(":root")


def test_health_is_answered_as_documented(info: StackInfo, stranger: requests.Session) -> None:
    assert answer(a_case(HEALTH), info, stranger).status_code == 200
