"""The door over HTTP: API Gateway's event in, the use case of its route, what came of it out as HTTP."""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from cancellations.adapters import http_api, http_events, journal, metrics
from cancellations.errors import CancellationsError, ConfigurationError
from cancellations.wiring import process
from cancellations.wiring import receive as wiring

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(location=None)  # every line is written in one place
with suppress(ConfigurationError):  # told at every request instead, so that health can answer
    wiring.receive()


def handler(event: Mapping[str, Any], context: "LambdaContext") -> http_api.Response:
    """Answers every event; nothing that happens inside becomes an error of the function."""
    try:
        response = answer(event, context)
    except CancellationsError as error:
        seen = http_events.seen_in(event, context.aws_request_id)
        journal.refused(logger, seen, error)
        metrics.of_refusal(error, seen)
        response = http_api.response_to(error)
    except Exception as accident:  # the last line: some senders never repeat what got a 500
        journal.accident(logger, {"lambda_request": context.aws_request_id}, accident)
        response = http_api.response_to(accident)
    return http_api.without_body(response) if http_events.is_head(event) else response


def answer(event: Mapping[str, Any], context: "LambdaContext") -> http_api.Response:
    match http_events.route_of(event):
        case "POST /v1/webhooks/{source}":
            return told(event, context, wiring.receive()(http_events.delivery_from(event), process.clock()))
        case "POST /v1/requests":
            caller, delivery = http_events.caller_of(event), http_events.delivery_from(event)
            return told(event, context, wiring.ask()(delivery, caller, process.clock()))
        case "GET /v1/requests/{id}":
            http_events.caller_of(event)
            return http_api.found(wiring.find()(http_events.request_id_of(event)))
        case "GET /v1/health" | "HEAD /v1/health":
            wiring.receive()
            return http_api.healthy()
    return http_api.not_found()


def told(event: Mapping[str, Any], context: "LambdaContext", result: http_api.Told) -> http_api.Response:
    seen = http_events.seen_in(event, context.aws_request_id)
    journal.tell(logger, "received", seen, journal.entries(result))
    metrics.of_arrival(result, seen)
    seconds = http_events.wait_of(event) if http_api.may_settle(result) else None
    waited = seconds and wiring.wait()(result, seconds, lambda: context.get_remaining_time_in_millis() / 1000)
    return http_api.response_for(result, waited)
