import json
from collections.abc import Sequence
from typing import Any, get_args

import pytest

from builders import a_request, some_evidence
from cancellations import __version__
from cancellations.adapters import http_api
from cancellations.admission import Conflicted, Received
from cancellations.domain import SETTLED, Outcome, Settled
from cancellations.errors import (
    CancellationsError,
    ConfigurationError,
    Forbidden,
    LostTheSession,
    Malformed,
    NewerVersion,
    NotOurs,
    OutOfTime,
    SecretFault,
    SignatureRefused,
    TooLarge,
    Unavailable,
    UnknownRequest,
    UnknownSession,
    UnsupportedBody,
)
from cancellations.intake import Ignored
from cancellations.receive import Arrival, Form, Handshake, Rejected, Result
from cancellations.wait import Waited

HUSH = "hushhush"

ERRORS: list[tuple[Exception, int, str]] = [
    (SignatureRefused(HUSH), 401, "signature-refused"),
    (Forbidden(HUSH), 403, "forbidden"),
    (UnknownRequest(HUSH), 404, "no-such-request"),
    (Malformed(HUSH), 400, "malformed"),
    (UnknownSession(HUSH), 400, "malformed"),
    (TooLarge(HUSH), 413, "too-large"),
    (UnsupportedBody(HUSH), 415, "unsupported-body"),
    (Unavailable(HUSH), 503, "try-again"),
    (OutOfTime(HUSH), 503, "try-again"),
    (LostTheSession(HUSH), 503, "try-again"),
    (NewerVersion(HUSH), 503, "try-again"),
    (ConfigurationError([HUSH]), 503, "not-configured"),
    (SecretFault(HUSH, HUSH), 503, "not-configured"),
    (NotOurs(HUSH), 503, "try-again"),
    (KeyError(HUSH), 503, "try-again"),
    (RuntimeError(HUSH), 503, "try-again"),
]
TOLD = (Malformed, TooLarge, UnsupportedBody)

of_every_error = pytest.mark.parametrize(
    ("error", "status", "name"), ERRORS, ids=[type(error).__name__ for error, _, _ in ERRORS]
)


NEW = Received(a_request(), "queued", replayed=False)
KNOWN = Received(a_request(event_id="msg_2"), "canceled", replayed=True)
IGNORED = Ignored("acme", "not-rescheduled")
CONFLICT = Conflicted(a_request(event_id="msg_3"))
REJECTED = Rejected(Malformed("reason is a number, not a string"))
EVERY_RESULT: tuple[Result, ...] = (NEW, KNOWN, IGNORED, CONFLICT, REJECTED)


def arrival(*results: Result, form: Form = "one") -> Arrival:
    return Arrival("acme", results, form, "key")


def body_of(response: http_api.Response) -> Any:  # noqa: ANN401 - whatever JSON it is
    return json.loads(response["body"])


# ── Errors ────────────────────────────────────────────────────────────────────────────────────────


@of_every_error
def test_an_error_has_its_status(error: Exception, status: int, name: str) -> None:
    assert http_api.response_to(error)["statusCode"] == status, name


@of_every_error
def test_an_error_is_a_problem_document(error: Exception, status: int, name: str) -> None:
    response = http_api.response_to(error)
    assert response["headers"]["content-type"] == "application/problem+json"
    problem = body_of(response)
    assert problem["type"] == f"urn:prevail-cancellations:problem:{name}"
    assert problem["status"] == status
    assert problem["title"]


@of_every_error
def test_only_a_503_says_when_to_come_again(error: Exception, status: int, name: str) -> None:
    expected = "30" if status == 503 else None
    assert http_api.response_to(error)["headers"].get("retry-after") == expected, name


@of_every_error
def test_the_cause_is_told_only_where_the_sender_may_know_it(
    error: Exception, status: int, name: str
) -> None:
    told = HUSH in http_api.response_to(error)["body"]
    assert told is isinstance(error, TOLD), f"{status} {name}"


@of_every_error
def test_no_answer_is_kept_by_caches(error: Exception, status: int, name: str) -> None:
    assert http_api.response_to(error)["headers"]["cache-control"] == "no-store", f"{status} {name}"


def test_every_refusal_of_a_signature_is_the_same_bytes() -> None:
    causes = ("unknown source", "no signature matches", "timestamp is outside the tolerance")
    assert len({json.dumps(http_api.response_to(SignatureRefused(cause))) for cause in causes}) == 1


def test_every_error_of_ours_has_been_thought_of() -> None:
    def leaves(kind: type[Exception]) -> set[type[Exception]]:
        below = kind.__subclasses__()
        return set().union(*map(leaves, below)) if below else {kind}

    assert leaves(CancellationsError) <= {type(error) for error, _, _ in ERRORS}


# ── One request ───────────────────────────────────────────────────────────────────────────────────

of_one = pytest.mark.parametrize("alone", [False, True], ids=["delivery", "ask"])
"""The one result of a delivery and that of a caller's ask are told alike."""


def told(result: Received | Conflicted, alone: bool, waited: Waited | None = None) -> http_api.Response:
    return http_api.response_for(result if alone else arrival(result), waited)


@of_one
def test_a_received_request_is_202_with_its_address(alone: bool) -> None:
    response = told(NEW, alone)
    assert response["statusCode"] == 202
    assert response["headers"]["location"] == f"/v1/requests/{NEW.request.id}"
    assert "idempotent-replayed" not in response["headers"]
    assert body_of(response) == {"id": NEW.request.id, "status": "queued"}


@of_one
@pytest.mark.parametrize("status", sorted(SETTLED))
def test_a_duplicate_is_202_with_what_is_known(status: Any, alone: bool) -> None:  # noqa: ANN401 - a Status by name
    response = told(Received(a_request(), status, replayed=True), alone)
    assert response["statusCode"] == 202
    assert response["headers"]["idempotent-replayed"] == "true"
    assert body_of(response) == {"id": a_request().id, "status": status}


def test_an_observed_request_is_202_and_says_so() -> None:
    response = http_api.response_for(arrival(Received(a_request(), "observed", replayed=False)))
    assert (response["statusCode"], body_of(response)["status"]) == (202, "observed")


@of_one
@pytest.mark.parametrize("status", get_args(Settled.__value__))
def test_what_was_waited_for_is_200_with_the_outcome(status: Any, alone: bool) -> None:  # noqa: ANN401 - as above
    outcome = Outcome(status, "wrong_state", KNOWN.request.id, some_evidence(409))
    response = told(NEW, alone, Waited(outcome, 7))
    assert response["statusCode"] == 200
    assert response["headers"]["preference-applied"] == "wait=7"
    assert response["headers"]["location"] == f"/v1/requests/{NEW.request.id}"
    published = {
        "status": status,
        "reason": "wrong_state",
        "canceled_by": KNOWN.request.id,
        "evidence": "HTTP 409",
    }
    assert body_of(response) == {"id": NEW.request.id, "status": status, "outcome": published}


def test_what_is_no_cancellation_is_200_and_names_the_filter() -> None:
    response = http_api.response_for(arrival(IGNORED))
    expected = {"status": "ignored", "filter": "not-rescheduled"}
    assert (response["statusCode"], body_of(response)) == (200, expected)


@of_one
def test_a_conflict_is_422_with_the_request_that_stands(alone: bool) -> None:
    response = told(CONFLICT, alone)
    assert response["statusCode"] == 422
    assert body_of(response)["type"].endswith(":conflict")
    assert body_of(response)["id"] == CONFLICT.request.id


# ── Several at once ───────────────────────────────────────────────────────────────────────────────


def several(*results: Result) -> http_api.Response:
    return http_api.response_for(arrival(*results, form="several"))


def test_each_of_several_is_told_in_order() -> None:
    assert body_of(several(*EVERY_RESULT)) == [
        {"id": NEW.request.id, "status": "queued"},
        {"id": KNOWN.request.id, "status": "canceled", "replayed": True},
        {"status": "ignored", "filter": "not-rescheduled"},
        {
            "status": "conflict",
            "type": http_api.CONFLICT.type,
            "title": http_api.CONFLICT.title,
            "id": CONFLICT.request.id,
        },
        {
            "status": "rejected",
            "type": http_api.PROBLEMS[Malformed].type,
            "title": http_api.PROBLEMS[Malformed].title,
            "detail": "reason is a number, not a string",
        },
    ]


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ([], 200),
        ([IGNORED], 200),
        ([IGNORED, IGNORED], 200),
        ([REJECTED], 400),
        ([REJECTED, IGNORED], 400),
        ([CONFLICT], 422),
        ([REJECTED, CONFLICT, IGNORED], 422),
        ([NEW], 202),
        ([KNOWN], 202),
        ([REJECTED, CONFLICT, IGNORED, NEW], 202),
    ],
)
def test_the_status_of_several_is_what_the_sender_should_mind_most(
    results: Sequence[Result], status: int
) -> None:
    assert several(*results)["statusCode"] == status


def test_one_in_a_list_is_told_in_a_list() -> None:
    assert body_of(several(NEW)) == [{"id": NEW.request.id, "status": "queued"}]


@pytest.mark.parametrize(
    ("results", "replayed"),
    [
        ([KNOWN], True),
        ([KNOWN, IGNORED, REJECTED], True),
        ([KNOWN, NEW], False),
        ([NEW], False),
        ([IGNORED], False),
        ([], False),
    ],
)
def test_several_are_a_replay_where_all_that_was_taken_is_known(
    results: Sequence[Result], replayed: bool
) -> None:
    assert ("idempotent-replayed" in several(*results)["headers"]) is replayed


# ── Outbound messages of Salesforce ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("results", [[], *([one] for one in (NEW, KNOWN, IGNORED)), [NEW, KNOWN, IGNORED]])
def test_an_outbound_message_is_acknowledged_where_nothing_in_it_failed(results: Sequence[Result]) -> None:
    response = http_api.response_for(arrival(*results, form="soap"))
    assert response["statusCode"] == 200
    assert response["headers"]["content-type"] == "text/xml; charset=utf-8"
    assert "<Ack>true</Ack>" in response["body"]


@pytest.mark.parametrize(("failed", "status"), [(REJECTED, 400), (CONFLICT, 422)])
def test_an_outbound_message_of_which_something_failed_comes_again(failed: Result, status: int) -> None:
    response = http_api.response_for(arrival(NEW, failed, IGNORED, form="soap"))
    assert response["statusCode"] == status
    assert response["headers"]["content-type"] == "application/problem+json"


@pytest.mark.parametrize("form", ["one", "several", "soap"])
def test_no_answer_to_a_delivery_is_kept_by_caches(form: Form) -> None:
    assert http_api.response_for(arrival(NEW, form=form))["headers"]["cache-control"] == "no-store"


# ── Senders who try the address ───────────────────────────────────────────────────────────────────


def test_a_header_is_sent_back_with_an_empty_body() -> None:
    response = http_api.response_for(Handshake("clio", {"x-hook-secret": "abc"}, None))
    assert (response["statusCode"], response["body"]) == (200, "")
    assert response["headers"]["x-hook-secret"] == "abc"


def test_a_challenge_is_sent_back_as_json() -> None:
    response = http_api.response_for(Handshake("slack", {}, {"challenge": "abc"}))
    assert (response["statusCode"], body_of(response)) == (200, {"challenge": "abc"})


# ── Everything else ───────────────────────────────────────────────────────────────────────────────


def test_a_request_is_told_as_it_was_found() -> None:
    response = http_api.found({"id": "1", "attempts": []})
    assert (response["statusCode"], body_of(response)) == (200, {"id": "1", "attempts": []})


def test_no_such_route_is_a_404_problem() -> None:
    response = http_api.not_found()
    assert (response["statusCode"], body_of(response)["status"]) == (404, 404)


def test_health_names_the_version() -> None:
    response = http_api.healthy()
    assert (response["statusCode"], body_of(response)) == (200, {"status": "ok", "version": __version__})
