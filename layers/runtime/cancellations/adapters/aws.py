"""Table, queue and secrets on AWS, by botocore. Every call has a deadline; botocore repeats what may be repeated."""

import json
from typing import TYPE_CHECKING, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from cancellations.adapters.expressions import Typed, item_from, update_of
from cancellations.domain import Request
from cancellations.errors import Unavailable
from cancellations.messages import message_for
from cancellations.writes import KEY, ConditionFailed, Item, Write

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sqs import SQSClient

CALLS = Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 3})
"""Three tries of at most six seconds fit into what an attempt leaves of a function's time."""


OPEN_INDEX = "open"
"""The index of requests that have not settled: hash key `open`, range key `due_at`."""


class Aws:
    """Clients of one process, made once: each costs as much as everything else at start."""

    def __init__(self) -> None:
        self._session = Session()

    def dynamodb(self) -> "DynamoDBClient":
        return cast("DynamoDBClient", self._session.create_client("dynamodb", config=CALLS))

    def sqs(self) -> "SQSClient":
        return cast("SQSClient", self._session.create_client("sqs", config=CALLS))

    def secrets_manager(self) -> "SecretsManagerClient":
        return cast("SecretsManagerClient", self._session.create_client("secretsmanager", config=CALLS))


class DynamoTable:
    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self._client, self._name = client, name

    def write(self, write: Write) -> Item:
        try:
            answer = self._client.update_item(
                TableName=self._name,
                Key={KEY: {"S": write.key}},
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **update_of(write),
            )
        except ClientError as e:
            if e.response["Error"]["Code"] == "ConditionalCheckFailedException":
                raise ConditionFailed(item_from(cast("dict[str, Typed]", e.response.get("Item", {})))) from e
            raise Unavailable(f"the ledger's table refused a write: {_code(e)}") from e
        except BotoCoreError as e:
            raise Unavailable(f"the ledger's table did not answer: {type(e).__name__}") from e
        return item_from(answer["Attributes"])

    def due(self, shard: str, before: float, limit: int) -> list[Item]:
        try:
            answer = self._client.query(
                TableName=self._name,
                IndexName=OPEN_INDEX,
                KeyConditionExpression="#open = :shard AND due_at < :before",
                ExpressionAttributeNames={"#open": "open"},
                ExpressionAttributeValues={":shard": {"S": shard}, ":before": {"N": repr(before)}},
                Limit=limit,
            )
        except ClientError as e:
            raise Unavailable(f"the ledger's index refused a query: {_code(e)}") from e
        except BotoCoreError as e:
            raise Unavailable(f"the ledger's index did not answer: {type(e).__name__}") from e
        return [item_from(item) for item in answer["Items"]]

    def read(self, key: str) -> Item | None:
        try:
            answer = self._client.get_item(TableName=self._name, Key={KEY: {"S": key}}, ConsistentRead=True)
        except ClientError as e:
            raise Unavailable(f"the ledger's table refused a read: {_code(e)}") from e
        except BotoCoreError as e:
            raise Unavailable(f"the ledger's table did not answer: {type(e).__name__}") from e
        return item_from(answer["Item"]) if "Item" in answer else None


class SqsQueue:
    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client, self._url = client, url

    def send(self, request: Request, delay: int = 0) -> None:
        body = json.dumps(message_for(request), separators=(",", ":"))
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=delay)
        except ClientError as e:
            raise Unavailable(f"the queue refused a message: {_code(e)}") from e
        except BotoCoreError as e:
            raise Unavailable(f"the queue did not answer: {type(e).__name__}") from e


class SecretsManager:
    """Fetches secret strings by name, `AWSCURRENT` only. None where there is no such secret."""

    def __init__(self, client: "SecretsManagerClient") -> None:
        self._client = client

    def fetch(self, name: str) -> str | None:
        try:
            answer = self._client.get_secret_value(SecretId=name)
        except ClientError as e:
            if e.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise Unavailable(f"secret {name} could not be read: {_code(e)}") from e
        except BotoCoreError as e:
            raise Unavailable(f"Secrets Manager did not answer: {type(e).__name__}") from e
        return str(answer.get("SecretString", ""))


def _code(e: ClientError) -> str:
    return str(e.response["Error"]["Code"])
