"""The names that functions call, and what is behind each on this machine."""

from collections.abc import Mapping
from typing import Any

from bench import events

DYNAMODB = "dynamodb.us-east-1.amazonaws.com"
SQS = "sqs.us-east-1.amazonaws.com"
SECRETS_MANAGER = "secretsmanager.us-east-1.amazonaws.com"
PREVAIL = "prevail.ai"
HOSTS = (DYNAMODB, SQS, SECRETS_MANAGER, PREVAIL)

LEDGER, OUTCOMES, IDEMPOTENCY = "ledger", "outcomes", "idempotency"
QUEUE_URL = f"https://{SQS}/111122223333/queue"


def described(certificate: str) -> Mapping[str, Any]:
    """What `bench.fakes` plays; `certificate` is a file."""
    return {
        "hosts": HOSTS,
        "prevail_host": PREVAIL,
        "certificate": certificate,
        "secrets": events.SECRETS,
        "prevail": {"slug": events.ORGANIZATION, "api_key": events.API_KEY},
        "tables": {
            LEDGER: {"key": "pk", "index": ["open", "due_at"]},
            OUTCOMES: {"key": "pk", "index": []},
            IDEMPOTENCY: {"key": "id", "index": []},
        },
    }
