"""The door for callers that IAM knows, and for senders who wait for the outcome."""

import json
from types import ModuleType
from typing import Any

import pytest

from asking import CALLER, KEY, a_question_event, an_ask, an_ask_event
from builders import AContext, some_evidence
from cancellations.domain import Outcome, idempotency_key
from cancellations.errors import Unavailable
from cancellations.ledger import Ledger
from cancellations.wiring import process
from functions.around import Around

REQUEST = idempotency_key("example-legal", "api", KEY)
AN_ASK = an_ask(organization="example-legal", remote_session_id="session-of-tuesday")
STRANGERS = [{}, {"authorizer": {}}, {"authorizer": {"iam": {"userArn": None}}}]


def handled(door: ModuleType, event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    response = door.handler(event, AContext())
    return response["statusCode"], json.loads(response["body"])


# ── Asking ────────────────────────────────────────────────────────────────────────────────────────


def test_an_ask_is_accepted_in_its_callers_name(receive: ModuleType, around: Around) -> None:
    assert handled(receive, an_ask_event(AN_ASK)) == (202, {"id": REQUEST, "status": "queued"})
    stored = around.request(REQUEST)
    assert (stored["source"], stored["requested_by"]) == ("api", CALLER)


def test_an_ask_is_put_on_the_queue_once(receive: ModuleType, around: Around) -> None:
    for _ in range(2):
        handled(receive, an_ask_event(AN_ASK))
    assert [request.id for request, _ in around.queue.sent] == [REQUEST]


@pytest.mark.parametrize("context", STRANGERS, ids=str)
def test_an_ask_of_a_caller_whom_iam_does_not_know_is_forbidden_and_leaves_nothing(
    receive: ModuleType, around: Around, context: dict[str, Any]
) -> None:
    status, problem = handled(receive, an_ask_event(AN_ASK, requestContext=context))
    assert (status, problem["type"]) == (403, "urn:prevail-cancellations:problem:forbidden")
    assert (around.table.items, around.queue.sent) == ({}, [])


def test_an_ask_for_an_organization_that_is_not_configured_is_refused(receive: ModuleType) -> None:
    status, problem = handled(receive, an_ask_event(an_ask(organization="stranger-legal")))
    assert (status, problem["detail"]) == (400, "organization is not one that is configured")


def test_a_caller_is_told_which_field_is_unknown(receive: ModuleType) -> None:
    ask = an_ask_event(an_ask(organization="example-legal", reasons="x"))
    status, problem = handled(receive, ask)
    assert status == 400
    assert problem["detail"] == "'reasons' is no field of a request (did you mean 'reason'?)"


def test_no_webhook_reaches_the_source_of_callers(receive: ModuleType) -> None:
    event = an_ask_event(AN_ASK, routeKey="POST /v1/webhooks/{source}", pathParameters={"source": "api"})
    assert handled(receive, event)[0] == 401


def test_the_log_names_the_request_and_nothing_that_was_said(receive: ModuleType, around: Around) -> None:
    handled(receive, an_ask_event(an_ask(organization="example-legal", reason="hushhush")))
    assert REQUEST in around.log.getvalue()
    assert "hushhush" not in around.log.getvalue()


# ── Asking after a request ────────────────────────────────────────────────────────────────────────


def test_a_request_that_was_asked_for_is_found(receive: ModuleType) -> None:
    handled(receive, an_ask_event(AN_ASK))
    status, found = handled(receive, a_question_event(REQUEST))
    assert status == 200
    assert (found["id"], found["status"], found["event_id"]) == (REQUEST, "queued", KEY)


@pytest.mark.parametrize("request_id", ["0" * 64, "x", ""])
def test_a_request_that_nobody_made_is_not_found(receive: ModuleType, request_id: str) -> None:
    status, problem = handled(receive, a_question_event(request_id))
    assert (status, problem["type"]) == (404, "urn:prevail-cancellations:problem:no-such-request")


@pytest.mark.parametrize("context", STRANGERS, ids=str)
def test_a_caller_whom_iam_does_not_know_is_told_nothing(
    receive: ModuleType, context: dict[str, Any]
) -> None:
    handled(receive, an_ask_event(AN_ASK))
    status, problem = handled(receive, a_question_event(REQUEST, requestContext=context))
    assert (status, set(problem)) == (403, {"type", "title", "status"})


def test_a_table_that_does_not_answer_is_asked_again_later(
    receive: ModuleType, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> None:
        raise Unavailable("the table")

    monkeypatch.setattr(around.table, "read", silent)
    assert handled(receive, a_question_event(REQUEST))[0] == 503


# ── Waiting for the outcome ───────────────────────────────────────────────────────────────────────


@pytest.fixture
def worker(around: Around, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody waits, the request settles."""
    outcome = Outcome("canceled", None, REQUEST, some_evidence(200))
    ledger = Ledger(around.table, lambda: "owner", lease_s=120)

    def work(seconds: float) -> None:
        around.clock.now += seconds
        for request, _ in around.queue.sent:
            ledger.settle(request, outcome, around.clock.now)

    monkeypatch.setattr(process, "sleep", work)


def waiting(wait: str) -> dict[str, Any]:
    event = an_ask_event(AN_ASK)
    return {**event, "headers": {**event["headers"], "prefer": wait}}


@pytest.mark.usefixtures("worker")
def test_who_waits_is_told_the_outcome(receive: ModuleType) -> None:
    outcome = {"status": "canceled", "canceled_by": REQUEST, "evidence": "HTTP 200"}
    told = {"id": REQUEST, "status": "canceled", "outcome": outcome}
    assert handled(receive, waiting("wait=5")) == (200, told)


@pytest.mark.usefixtures("worker")
def test_who_does_not_wait_is_told_that_it_is_on_its_way(receive: ModuleType) -> None:
    assert handled(receive, an_ask_event(AN_ASK))[0] == 202


def test_who_waits_in_vain_is_told_that_it_is_on_its_way(
    receive: ModuleType, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pass_by(seconds: float) -> None:
        around.clock.now += seconds

    monkeypatch.setattr(process, "sleep", pass_by)
    assert handled(receive, waiting("wait=5")) == (202, {"id": REQUEST, "status": "queued"})
