"""Table, queue, bus and secrets on AWS, by botocore.

Every call has a deadline; botocore repeats what may be repeated.
"""

import json
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from cancellations.adapters import tls
from cancellations.adapters.aws_http import Sender
from cancellations.adapters.expressions import Typed, item_from, update_of
from cancellations.domain import NEW, OUTCOMES, Progress, Request
from cancellations.errors import SecretFault, Unavailable
from cancellations.messages import message_for
from cancellations.ports import Announcement, Clock
from cancellations.writes import KEY, ConditionFailed, Item, Write

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_events import EventBridgeClient
    from types_boto3_events.type_defs import PutEventsRequestEntryTypeDef
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sqs import SQSClient

_LEAN = Config(user_agent="prevail-cancellations", parameter_validation=False)
"""What we ask is typed, and AWS validates it; to do it once more takes a tenth of what a call costs us."""

CALLS = _LEAN.merge(
    Config(connect_timeout=1, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2})
)
LONGEST_CALL_S = 11.0
"""Two tries and the pause between them: what one call may take in all is what its callers reckon with."""

QUICK_CALLS = _LEAN.merge(
    Config(connect_timeout=1, read_timeout=1.5, retries={"mode": "standard", "total_max_attempts": 1})
)
LONGEST_QUICK_CALL_S = 2.5
"""For reads that are soon repeated anyway: one try, over in time for whoever waits."""

LONGEST_DELAY_S = 900
"""What SQS holds a message back at most."""

logging.getLogger("botocore").setLevel(logging.WARNING)  # its debug lines hold answers, and so secrets


OPEN_INDEX = "open"
"""The index of requests that have not settled: hash key `open`, range key `due_at`."""


class Aws:
    """Clients of one process, made once: each costs as much as everything else at start."""

    def __init__(self) -> None:
        self._session = Session()
        self._senders: list[tuple[str, Sender]] = []

    def dynamodb(self, calls: Config = CALLS) -> "DynamoDBClient":
        return cast("DynamoDBClient", self._client("dynamodb", calls))

    def sqs(self) -> "SQSClient":
        return cast("SQSClient", self._client("sqs", CALLS))

    def events(self) -> "EventBridgeClient":
        return cast("EventBridgeClient", self._client("events", CALLS))

    def secrets_manager(self, calls: Config = CALLS) -> "SecretsManagerClient":
        return cast("SecretsManagerClient", self._client("secretsmanager", calls))

    def _client(self, service: str, calls: Config) -> "BaseClient":
        client = self._session.create_client(service, config=calls)
        chosen = self._session.get_config_variable("ca_bundle")  # for AWS alone, as AWS_CA_BUNDLE says
        sender = Sender(tls.context(chosen), client)
        cast("Any", client)._endpoint.http_session = sender  # noqa: SLF001 - botocore asks for no other
        self._senders.append((service, sender))
        return client

    def open(self, service: str) -> None:
        """Opens a connection for each client that was made. Raises urllib3's errors, botocore's or OSError."""
        for made, sender in self._senders:
            if made == service:
                sender.open()

    def close(self) -> None:
        """All connections; whoever needs one opens another."""
        for _, sender in self._senders:
            sender.close()


class DynamoTable:
    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self._client, self._name = client, name

    def write(self, write: Write) -> Item:
        with _answering("the ledger's table"):
            answer = self._client.update_item(
                TableName=self._name,
                Key={KEY: {"S": write.key}},
                ReturnValues="ALL_NEW" if write.told else "NONE",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **update_of(write),
            )
        return item_from(answer.get("Attributes", {}))

    def due(self, shard: str, before: float, limit: int) -> list[Item]:
        with _answering("the ledger's index"):
            answer = self._client.query(
                TableName=self._name,
                IndexName=OPEN_INDEX,
                KeyConditionExpression="#open = :shard AND due_at < :before",
                ExpressionAttributeNames={"#open": "open"},
                ExpressionAttributeValues={":shard": {"S": shard}, ":before": {"N": repr(before)}},
                Limit=limit,
            )
        return [item_from(item) for item in answer["Items"]]

    def read(self, key: str) -> Item | None:
        with _answering("the ledger's table"):
            answer = self._client.get_item(TableName=self._name, Key={KEY: {"S": key}}, ConsistentRead=True)
        return item_from(answer["Item"]) if "Item" in answer else None


class SqsQueue:
    def __init__(self, client: "SQSClient", url: str, clock: Clock) -> None:
        self._client, self._url, self._clock = client, url, clock

    def send(self, request: Request, delay: int = 0, progress: Progress = NEW) -> None:
        not_before = self._clock() + delay if delay > LONGEST_DELAY_S else None
        body = json.dumps(message_for(request, progress, not_before), separators=(",", ":"))
        with _answering("the queue"):
            self._client.send_message(
                QueueUrl=self._url,
                MessageBody=body,
                DelaySeconds=min(delay, LONGEST_DELAY_S),
                MessageGroupId=request.organization,  # one that asks for much delays only itself
            )


class MessagesOf:
    """A queue whose messages we work on."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client, self._url = client, url

    def come_back(self, receipt: str, seconds: float) -> None:
        """Show a message again in so many seconds, in place of the queue's own time. Raises Unavailable."""
        with _answering("the queue"):
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=math.ceil(seconds)
            )


class EventBus:
    """A bus of EventBridge, by its name."""

    def __init__(self, client: "EventBridgeClient", name: str) -> None:
        self._client, self._name = client, name

    def put(self, announcements: Sequence[Announcement]) -> list[str | None]:
        with _answering("the bus"):
            answer = self._client.put_events(Entries=[self._entry(one) for one in announcements])
        return [entry.get("ErrorCode") for entry in answer["Entries"]]

    def _entry(self, announcement: Announcement) -> "PutEventsRequestEntryTypeDef":
        return {
            "EventBusName": self._name,
            "Source": OUTCOMES,
            "DetailType": announcement.detail_type,
            "Time": datetime.fromtimestamp(announcement.at, UTC),
            "Detail": json.dumps(dict(announcement.detail), separators=(",", ":")),
        }


_KMS_KEY = "cannot be decrypted; enable its KMS key and allow kms:Decrypt with it"

FAULTS_OF_A_SECRET: Mapping[str, str] = {
    "AccessDeniedException": "may not be read; allow secretsmanager:GetSecretValue, and kms:Decrypt with its KMS key",
    "DecryptionFailure": _KMS_KEY,
    "DisabledException": _KMS_KEY,
    "KMSInvalidStateException": _KMS_KEY,
    "InvalidRequestException": "cannot be read as it stands, as when it is scheduled for deletion; restore it",
    "InvalidParameterException": "has a name that Secrets Manager does not take; mend it in the configuration",
}
"""Refusals that last until a person acts. All others (throttling, InternalServiceError, what nobody knows) may pass.

Sources: errors of GetSecretValue and common errors (Secrets Manager API Reference); of Decrypt (KMS API Reference), in
case they come through. KMS denies by AccessDeniedException too.
"""


class SecretsManager:
    """Fetches secret strings by name and stage. None where there is no such secret, or none of this stage."""

    def __init__(self, client: "SecretsManagerClient") -> None:
        self._client = client

    def fetch(self, name: str, stage: str) -> str | None:
        """Raises SecretFault (a person must mend it) or Unavailable."""
        try:
            with _answering("Secrets Manager"):
                answer = self._client.get_secret_value(SecretId=name, VersionStage=stage)
        except Unavailable as refused:
            code = _code(refused.__cause__)
            if code == "ResourceNotFoundException":
                return None
            if fault := FAULTS_OF_A_SECRET.get(code or ""):
                raise SecretFault(name, fault) from refused
            raise
        return str(answer.get("SecretString", ""))


@contextmanager
def _answering(what: str) -> Iterator[None]:
    """Raises ConditionFailed for a condition that did not hold, Unavailable for everything else."""
    try:
        yield
    except ClientError as e:
        if _code(e) == "ConditionalCheckFailedException":
            raise ConditionFailed(item_from(cast("dict[str, Typed]", e.response.get("Item", {})))) from e
        raise Unavailable(f"{what} refused: {_code(e)}") from e
    except BotoCoreError as e:
        raise Unavailable(f"{what} did not answer: {type(e).__name__}") from e


def _code(e: BaseException | None) -> str | None:
    return str(e.response["Error"]["Code"]) if isinstance(e, ClientError) else None
