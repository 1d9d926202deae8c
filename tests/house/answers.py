"""Every kind of answer that the door over HTTP gives, made by the code that makes it there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from builders import NOW, a_request, a_result, some_evidence, some_names
from cancellations.adapters import http_api
from cancellations.adapters.http_api import Response, response_for, response_to
from cancellations.admission import Conflicted, Received
from cancellations.domain import LEDGER, Outcome, Settled, Unsettled
from cancellations.errors import (
    ConfigurationError,
    Forbidden,
    Malformed,
    SignatureRefused,
    TooLarge,
    Unavailable,
    UnknownRequest,
    UnsupportedBody,
)
from cancellations.find import Find
from cancellations.intake import Ignored
from cancellations.ledger import Ledger
from cancellations.protocol import Claim
from cancellations.receive import Arrival, Form, Handshake, Rejected, Result
from cancellations.wait import Waited
from cancellations.waits import Waits
from fakes import Clock, MemoryTable

WEBHOOK, ASK = "POST /v1/webhooks/{source}", "POST /v1/requests"
FIND, HEALTH = "GET /v1/requests/{id}", "GET /v1/health"

ERRORS: dict[str, tuple[Exception, ...]] = {
    WEBHOOK: (
        SignatureRefused("no signature matches"),
        Malformed("remote_session_id is missing, not a string"),
        TooLarge("the body is over 262144 bytes"),
        UnsupportedBody("the body must be application/json"),
        Unavailable("the queue"),
        ConfigurationError(["sources.toml is missing"]),
        ZeroDivisionError(),
    ),
    ASK: (
        Forbidden("nobody"),
        Malformed("the header Idempotency-Key is missing"),
        TooLarge("the body is over 16384 bytes"),
        UnsupportedBody("the body must be application/json"),
        Unavailable("the table"),
        ConfigurationError(["organizations.toml is missing"]),
    ),
    FIND: (
        Forbidden("nobody"),
        UnknownRequest("nobody has asked"),
        Unavailable("the table"),
        ConfigurationError(["environment: LEDGER_TABLE is missing"]),
    ),
    HEALTH: (ConfigurationError(["sources.toml is missing"]),),
}
"""What each route raises, one of each kind."""


@dataclass(frozen=True, slots=True)
class Answered:
    route: str
    what: str
    response: Response
    echoed: frozenset[str] = frozenset()
    """Headers that are there because the sender sent them."""

    def __str__(self) -> str:
        return f"{self.route}: {self.what}"


NEW = Received(a_request(), "queued", replayed=False)
KNOWN = Received(a_request(event_id="known"), "canceled", replayed=True)
IGNORED = Ignored("acme", "not-rescheduled")
CONFLICT = Conflicted(a_request(event_id="conflict"))
REJECTED = Rejected(Malformed("reason is a number, not a string"))


def received() -> Iterator[tuple[str, Received]]:
    """A request of every status, new and known."""
    for status in (*get_args(Unsettled.__value__), *get_args(Settled.__value__)):
        yield f"a replay, {status}", Received(a_request(), status, replayed=True)
    yield "a new request", NEW
    yield "an observed request", Received(a_request(), "observed", replayed=False)


def waited() -> Iterator[tuple[str, Waited]]:
    for status in get_args(Settled.__value__):
        yield f"waited for, {status}", Waited(Outcome(status), 1)
    yield (
        "waited for, all said",
        Waited(Outcome("already_canceled", "email_differs", NEW.request.id, LEDGER), 20),
    )


def of_one() -> Iterator[tuple[str, Received | Conflicted, Waited | None]]:
    """What deliveries of one request and asks have in common."""
    for what, result in received():
        yield what, result, None
    for what, outcome in waited():
        yield what, NEW, outcome
        yield f"{what}, a replay", KNOWN, outcome
    yield "a conflict", CONFLICT, None


LISTS: dict[str, tuple[Result, ...]] = {
    "nothing": (),
    "all ignored": (IGNORED, IGNORED),
    "all known": (KNOWN, KNOWN),
    "all rejected": (REJECTED, REJECTED),
    "a conflict, nothing taken": (REJECTED, CONFLICT),
    "one of each": (NEW, KNOWN, IGNORED, REJECTED, CONFLICT),
}


def of_deliveries() -> Iterator[Answered]:
    def arrival(form: Form, *results: Result) -> Arrival:
        return Arrival("acme", results, form, "current")

    for what, result, settled in of_one():
        yield Answered(WEBHOOK, what, response_for(arrival("one", result), settled))
    yield Answered(WEBHOOK, "ignored", response_for(arrival("one", IGNORED)))
    for form in get_args(Form.__value__):
        if form != "one":
            for what, results in LISTS.items():
                yield Answered(WEBHOOK, f"{form}: {what}", response_for(arrival(form, *results)))
    hook = Handshake("acme", {"x-hook-secret": "abc"}, None)
    yield Answered(WEBHOOK, "a header back", response_for(hook), frozenset(hook.headers))
    yield Answered(WEBHOOK, "a challenge back", response_for(Handshake("acme", {}, {"challenge": "abc"})))


def of_questions() -> Iterator[Answered]:
    table = MemoryTable()
    ledger = Ledger(table, some_names(), lease_s=120.0)

    def asked(name: str, **more: Any) -> Any:  # noqa: ANN401 - whatever a field of a request holds
        request = a_request(event_id=name, remote_session_id=name.replace(" ", "-"), **more)
        ledger.accept(request, NOW)
        return request

    def found(name: str, what: str | None = None) -> Answered:
        return Answered(
            FIND, what or name, http_api.found(Find(table, Clock(NOW))(a_request(event_id=name).id))
        )

    asked("just accepted")
    yield found("just accepted")
    asked("with all that describes it", reason="It settled.", requested_by="clerk", starts_at=NOW)
    yield found("with all that describes it")
    ledger.postpone(asked("waiting"), "held", waits=Waits("key_refused"), next_at=NOW + 60, escalated_at=NOW)
    yield found("waiting")
    request = asked("settled")
    held = ledger.claim(request, NOW)
    assert isinstance(held, Claim)
    yield found("settled", "under way")
    outcome = ledger.record_canceled(
        request, held, ours=True, result=a_result(200), evidence=some_evidence(200)
    )
    ledger.settle(request, outcome, NOW + 1)
    ledger.accept(a_request(event_id="settled", remote_session_id="another"), NOW)
    yield found("settled")


def answers() -> Iterator[Answered]:
    yield from of_deliveries()
    for what, result, settled in of_one():
        yield Answered(ASK, what, response_for(result, settled))
    yield from of_questions()
    yield Answered(HEALTH, "well", http_api.healthy())
    for route, errors in ERRORS.items():
        for error in errors:
            yield Answered(route, type(error).__name__, response_to(error))


ANSWERS = tuple(answers())
