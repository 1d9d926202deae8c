import json
from typing import Any

import pytest

from builders import NOW, a_delivery, a_request, a_webhook_event
from cancellations import __version__
from cancellations.adapters import http_api
from cancellations.domain import SETTLED
from cancellations.errors import (
    CancellationsError,
    ConfigurationError,
    LostTheSession,
    Malformed,
    NotOurs,
    OutOfTime,
    SecretFault,
    SignatureRefused,
    TooLarge,
    Unavailable,
    UnsupportedBody,
)
from cancellations.receive import Conflicted, Ignored, Received
from cancellations.source.standard_webhooks import verify

HUSH = "hushhush"

ERRORS: list[tuple[Exception, int, str]] = [
    (SignatureRefused(HUSH), 401, "signature-refused"),
    (Malformed(HUSH), 400, "malformed"),
    (TooLarge(HUSH), 413, "too-large"),
    (UnsupportedBody(HUSH), 415, "unsupported-body"),
    (Unavailable(HUSH), 503, "try-again"),
    (OutOfTime(HUSH), 503, "try-again"),
    (LostTheSession(HUSH), 503, "try-again"),
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


def body_of(response: http_api.Response) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(response["body"])
    return body


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


# ── Results ───────────────────────────────────────────────────────────────────────────────────────


def test_a_received_request_is_202_with_its_address() -> None:
    request = a_request()
    response = http_api.response_for(Received(request, "queued", replayed=False))
    assert response["statusCode"] == 202
    assert response["headers"]["location"] == f"/v1/requests/{request.id}"
    assert "idempotent-replayed" not in response["headers"]
    assert body_of(response) == {"id": request.id, "status": "queued"}


@pytest.mark.parametrize("status", sorted(SETTLED))
def test_a_duplicate_is_202_with_what_is_known(status: Any) -> None:  # noqa: ANN401 - a Status by name
    request = a_request()
    response = http_api.response_for(Received(request, status, replayed=True))
    assert response["statusCode"] == 202
    assert response["headers"]["idempotent-replayed"] == "true"
    assert body_of(response) == {"id": request.id, "status": status}


def test_what_is_no_cancellation_is_200_ignored() -> None:
    response = http_api.response_for(Ignored("acme"))
    assert (response["statusCode"], body_of(response)) == (200, {"status": "ignored"})


def test_a_conflict_is_422_with_the_request_that_stands() -> None:
    response = http_api.response_for(Conflicted(a_request()))
    assert response["statusCode"] == 422
    assert body_of(response)["type"].endswith(":conflict")
    assert body_of(response)["id"] == a_request().id


def test_no_such_route_is_a_404_problem() -> None:
    response = http_api.not_found()
    assert (response["statusCode"], body_of(response)["status"]) == (404, 404)


def test_health_names_the_version() -> None:
    response = http_api.health(None)
    assert (response["statusCode"], body_of(response)) == (200, {"status": "ok", "version": __version__})


def test_health_with_a_fault_is_503_without_the_fault() -> None:
    response = http_api.health(ConfigurationError([HUSH]))
    assert response["statusCode"] == 503
    assert HUSH not in response["body"]


# ── Events ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe", "naïve \N{GRINNING FACE}".encode()])
def test_a_body_in_base64_is_the_bytes_that_were_sent(raw: bytes) -> None:
    assert http_api.delivery_from(a_webhook_event(a_delivery(body=raw))).body == raw


@pytest.mark.parametrize("text", ["{}", "naïve \N{GRINNING FACE}", " \r\n"])
def test_a_body_in_text_is_its_utf_8(text: str) -> None:
    assert http_api.delivery_from(a_webhook_event(body=text, isBase64Encoded=False)).body == text.encode()


@pytest.mark.parametrize("body", ["!!!!", "e30", "e30=\n", "é", "e3 0="])
def test_a_body_that_is_not_base64_is_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        http_api.delivery_from(a_webhook_event(body=body))


def test_a_body_with_a_lone_surrogate_is_bytes_all_the_same() -> None:
    event = a_webhook_event(body="\ud800", isBase64Encoded=False)
    assert http_api.delivery_from(event).body == b"\xed\xa0\x80"


@pytest.mark.parametrize("absent", [None, ""])
def test_a_missing_body_is_empty(absent: str | None) -> None:
    assert http_api.delivery_from(a_webhook_event(body=absent, isBase64Encoded=False)).body == b""


def test_names_of_headers_are_read_in_any_case() -> None:
    event = a_webhook_event()
    event["headers"] = {name.upper(): value for name, value in event["headers"].items()}
    assert dict(http_api.delivery_from(event).headers) == dict(a_delivery().headers)


def test_the_source_is_what_the_route_says() -> None:
    assert http_api.delivery_from(a_webhook_event(a_delivery(source="other"))).source == "other"


def test_what_was_signed_verifies_after_the_way_through_the_gateway() -> None:
    delivery = a_delivery(body=b"\xff\x00 not even text")
    verify(http_api.delivery_from(a_webhook_event(delivery)), bytes(range(32)), NOW)
