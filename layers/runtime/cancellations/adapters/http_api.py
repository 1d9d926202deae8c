"""API Gateway's HTTP API (payload format 2.0): our results as its responses.

What each is on the wire stands in docs/openapi.yaml; which error is which status and problem (RFC 9457), here.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cancellations import __version__, sentences, wait
from cancellations.admission import Conflicted, Received
from cancellations.domain import Json, Request
from cancellations.errors import (
    ConfigurationError,
    Forbidden,
    Malformed,
    SignatureRefused,
    TooLarge,
    TryAgain,
    UnknownRequest,
    UnsupportedBody,
)
from cancellations.intake import Ignored
from cancellations.receive import Arrival, Handshake, Rejected, Result
from cancellations.source.bodies import salesforce_outbound
from cancellations.values import dataclass

type Response = dict[str, Any]
type Told = wait.Told

# ── Problems ──────────────────────────────────────────────────────────────────────────────────────

RETRY_AFTER_S = 30


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    name: str
    title: str

    @property
    def type(self) -> str:
        """A name that stays across versions; nobody needs to look it up to tell problems apart."""
        return f"urn:prevail-cancellations:problem:{self.name}"


PROBLEMS: Mapping[type[Exception], Problem] = {
    SignatureRefused: Problem(401, "signature-refused", "The delivery could not be verified."),
    Forbidden: Problem(403, "forbidden", "Only callers that IAM knows are answered here."),
    UnknownRequest: Problem(404, "no-such-request", "Nobody has asked under this id."),
    Malformed: Problem(400, "malformed", "What was sent is not what it must be."),
    TooLarge: Problem(413, "too-large", "The body is too large."),
    UnsupportedBody: Problem(415, "unsupported-body", "The body is in a form that is not accepted."),
    TryAgain: Problem(503, "try-again", "A part of the platform did not answer. Send it again."),
    ConfigurationError: Problem(503, "not-configured", "Nothing can be taken at the moment. Send it again."),
}
CONFLICT = Problem(422, "conflict", "Something else was asked under this event id before.")
NO_SUCH_ROUTE = Problem(404, "no-such-route", "There is nothing at this address.")


def response_to(error: Exception) -> Response:
    """The problem for an error of ours; 503 for an accident, so that the sender comes again."""
    return _problem(_problem_of(error), _detail(error))


def not_found() -> Response:
    return _problem(NO_SUCH_ROUTE)


def _problem_of(error: Exception) -> Problem:
    return PROBLEMS[next((kind for kind in PROBLEMS if isinstance(error, kind)), TryAgain)]


def _detail(error: Exception) -> dict[str, Json]:
    """What is wrong, for a sender that has proved who it is; nothing for all others."""
    match error:
        case Malformed(detail=detail):
            return {"detail": detail}
        case TooLarge() | UnsupportedBody():
            return {"detail": str(error)}
    return {}


# ── What became of a delivery ─────────────────────────────────────────────────────────────────────


def response_for(result: Told, waited: wait.Waited | None = None) -> Response:
    """waited: what came of the one request, where its sender waited for that and it came."""
    match result:
        case Handshake(_, headers, None):
            return _response(200, "", "text/plain; charset=utf-8", headers)
        case Handshake(_, headers, body):
            return _json(200, body, headers)
        case Arrival(results=results, form="soap"):
            return _soap(results)
        case Arrival(results=results, form="several"):
            return _several(results)
        case Arrival(results=(one,)) | (Received() | Conflicted() as one):
            return _one(one, waited)
    raise TypeError(f"not one result: {result!r}")


def may_settle(result: Told) -> bool:
    """Whether there is a request whose outcome its sender may wait for."""
    return wait.awaited(result) is not None


def _one(result: Result, waited: wait.Waited | None) -> Response:
    match result:
        case Received(request) if waited:
            settled: dict[str, Json] = {
                "id": request.id,
                "status": waited.outcome.status,
                "outcome": sentences.outcome(waited.outcome),
                **_notes(request),
            }
            applied = {"preference-applied": f"wait={waited.seconds}"}
            return _json(200, settled, {**_place(result), **applied})
        case Received(request, status):
            return _json(202, {"id": request.id, "status": status, **_notes(request)}, _place(result))
        case Ignored(_, name):
            return _json(200, {"status": "ignored", "filter": name})
        case Conflicted(request):
            return _problem(CONFLICT, {"id": request.id})
        case Rejected(error):
            return response_to(error)


def _notes(request: Request) -> dict[str, Json]:
    """What was left out of the request; nothing if nothing was."""
    return {"notes": list(request.notes)} if request.notes else {}


def _place(received: Received) -> dict[str, str]:
    return {"location": f"/v1/requests/{received.request.id}", **_replayed([received])}


def _replayed(results: Sequence[Result]) -> dict[str, str]:
    """The header that says that all of it is known."""
    replays = {result.replayed for result in results if isinstance(result, Received)}
    return {"idempotent-replayed": "true"} if replays == {True} else {}


def _several(results: Sequence[Result]) -> Response:
    """One status for many results: that of what a sender should mind most, which is that something was taken."""
    return _json(_status_of(results), [_item(result) for result in results], _replayed(results))


def _status_of(results: Sequence[Result]) -> int:
    kinds = {type(result) for result in results}
    if Received in kinds:
        return 202
    if kinds <= {Ignored}:
        return 200
    return CONFLICT.status if Conflicted in kinds else PROBLEMS[Malformed].status


def _item(result: Result) -> Json:
    match result:
        case Received(request, status, replayed):
            return {
                "id": request.id,
                "status": status,
                **({"replayed": True} if replayed else {}),
                **_notes(request),
            }
        case Ignored(_, name):
            return {"status": "ignored", "filter": name}
        case Conflicted(request):
            return {"status": "conflict", "type": CONFLICT.type, "title": CONFLICT.title, "id": request.id}
        case Rejected(error):
            problem = _problem_of(error)
            return {"status": "rejected", "type": problem.type, "title": problem.title, **_detail(error)}


def _soap(results: Sequence[Result]) -> Response:
    """Salesforce sends a message again until it is acknowledged whole; what was taken of it is known by then."""
    for kind in (Conflicted, Rejected):
        if failed := next((result for result in results if isinstance(result, kind)), None):
            return _one(failed, None)
    return _response(200, salesforce_outbound.acknowledgement(ok=True).decode(), "text/xml; charset=utf-8")


# ── Questions ─────────────────────────────────────────────────────────────────────────────────────


def found(request: dict[str, Json]) -> Response:
    return _json(200, request)


def healthy() -> Response:
    return _json(200, {"status": "ok", "version": __version__})


def without_body(response: Response) -> Response:
    """What a HEAD is answered where a GET is answered this."""
    return {**response, "body": ""}


def _problem(problem: Problem, more: Mapping[str, Json] = {}) -> Response:
    headers = {"retry-after": str(RETRY_AFTER_S)} if problem.status == 503 else {}  # noqa: PLR2004 - HTTP's own number
    known = {"type": problem.type, "title": problem.title, "status": problem.status}
    return _response(problem.status, json.dumps({**known, **more}), "application/problem+json", headers)


def _json(status: int, body: Json, headers: Mapping[str, str] = {}) -> Response:
    return _response(status, json.dumps(body), "application/json", headers)


def _response(status: int, body: str, media_type: str, headers: Mapping[str, str] = {}) -> Response:
    fixed = {"content-type": media_type, "cache-control": "no-store"}
    return {"statusCode": status, "headers": {**fixed, **headers}, "body": body}
