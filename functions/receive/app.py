"""The door for webhooks: API Gateway's event in, a delivery to the use case, its result out as HTTP."""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from cancellations import wiring
from cancellations.adapters import http_api, journal
from cancellations.errors import CancellationsError, ConfigurationError, Refusal

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()

with suppress(ConfigurationError):  # told at every request instead, so that health can answer
    wiring.receive()


def handler(event: Mapping[str, Any], context: "LambdaContext") -> http_api.Response:
    """Answers every event; nothing that happens inside becomes an error of the function."""
    try:
        match http_api.route_of(event):
            case "POST /v1/webhooks/{source}":
                return webhook(event, context)
            case "GET /v1/health":
                return health()
        return http_api.not_found()
    except Exception as accident:  # the last line: some senders never repeat what got a 500
        journal.note(logger.exception, "accident", {})
        return http_api.response_to(accident)


def webhook(event: Mapping[str, Any], context: "LambdaContext") -> http_api.Response:
    seen = {"source": http_api.named_source(event), "lambda_request": context.aws_request_id}
    try:
        result = wiring.receive()(http_api.delivery_from(event), wiring.clock())
    except CancellationsError as error:
        say = logger.warning if isinstance(error, Refusal) else logger.error
        journal.note(say, "refused", {**seen, "error": type(error).__name__, "cause": str(error)})
        return http_api.response_to(error)
    journal.note(logger.info, "received", {**seen, **journal.entry(result)})
    return http_api.response_for(result)


def health() -> http_api.Response:
    try:
        wiring.receive()
    except ConfigurationError as fault:
        journal.note(logger.error, "not configured", {"faults": fault.faults})
        return http_api.health(fault)
    return http_api.health(None)
