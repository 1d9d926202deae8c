"""What can go wrong with a call to AWS, as the SDK sees it. The SDK gives each try 4 s, and makes two."""

from collections.abc import Mapping
from typing import Any, Literal

type Service = Literal["dynamodb", "sqs", "secretsmanager"]
SERVICES: tuple[Service, ...] = ("dynamodb", "sqs", "secretsmanager")

type Effect = Mapping[str, Any]
"""In the words of a microburst rule."""

TOO_LATE_MS = 6_000
"""Longer than the SDK waits for an answer, so that it gives up while the call is still on its way."""

CODES: Mapping[str, Mapping[Service, str]] = {
    "throttled": {
        "dynamodb": "ThrottlingException",
        "sqs": "RequestThrottled",
        "secretsmanager": "ThrottlingException",
    },
    "error": {
        "dynamodb": "InternalServerError",
        "sqs": "InternalFailure",
        "secretsmanager": "InternalServiceError",
    },
}
STATUSES = {"throttled": 400, "error": 500}

OF_THE_CONNECTION: Mapping[str, Effect] = {
    "silent": {"timeout_ms": TOO_LATE_MS},
    "reset": {"reset": True},
    "late": {"latency": TOO_LATE_MS},
    "lost": {"response": {"abort_bytes": 0}},
}

FAULTS: Mapping[str, str] = {
    "throttled": "refused for now; nothing is done",
    "error": "a 500; nothing is done",
    "silent": "never answered; nothing is done",
    "reset": "the connection is reset; nothing is done",
    "late": "done, but after the SDK has given up on it",
    "lost": "done at once, and the answer breaks off",
}


def effect(fault: str, service: Service) -> Effect:
    if fault in OF_THE_CONNECTION:
        return OF_THE_CONNECTION[fault]
    return {"error": {"code": CODES[fault][service], "status": STATUSES[fault]}}
