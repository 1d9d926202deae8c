"""DynamoDB, SQS and Secrets Manager as far as a function calls them, in their JSON protocols; every call is counted."""

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.fakes.expressions import Unreadable
from bench.fakes.http import Answer, Asked
from bench.fakes.table import ConditionFailed, Table

_SERVICES = {
    "DynamoDB_20120810": "dynamodb",
    "AmazonSQS": "sqs",
    "secretsmanager": "secretsmanager",
}


@dataclass(slots=True)
class Aws:
    tables: Mapping[str, Table]
    secrets: Mapping[str, str]
    calls: Counter[str] = field(default_factory=Counter)
    """How often each operation was called, as `dynamodb:UpdateItem`."""
    sent: list[dict[str, Any]] = field(default_factory=list)
    """What was put on the queue: the calls of SendMessage."""

    def __call__(self, asked: Asked) -> Answer:
        target, _, operation = asked.headers.get("x-amz-target", "").partition(".")
        service, call = _SERVICES.get(target, target), json.loads(asked.body or b"{}")
        self.calls[f"{service}:{operation}"] += 1
        match service:
            case "dynamodb":
                return self.dynamodb(operation, call)
            case "sqs" if operation == "SendMessage":
                self.sent.append(call)
                digest = hashlib.md5(call["MessageBody"].encode(), usedforsecurity=False).hexdigest()
                return _json(200, {"MessageId": str(uuid.uuid4()), "MD5OfMessageBody": digest})
            case "secretsmanager" if operation == "GetSecretValue":
                return self._secret(call)
        return _refused("UnknownOperationException", operation)

    def dynamodb(self, operation: str, call: Mapping[str, Any]) -> Answer:
        """Uncounted: for whoever lays the table."""
        table = self.tables.get(call["TableName"])
        if table is None:
            return _refused("ResourceNotFoundException", call["TableName"])
        if operation not in table.operations:
            return _refused("UnknownOperationException", operation)
        try:
            return _json(200, table.operations[operation](call))
        except ConditionFailed as failed:
            item = {"Item": failed.item} if failed.item else {}
            return _refused("ConditionalCheckFailedException", str(failed), **item)
        except (Unreadable, LookupError, ValueError) as fault:
            return _refused("ValidationException", f"{type(fault).__name__}: {fault}")

    def _secret(self, call: Mapping[str, Any]) -> Answer:
        name, stage = call["SecretId"], call.get("VersionStage", "AWSCURRENT")
        if name not in self.secrets or stage != "AWSCURRENT":
            return _refused("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        arn = f"arn:aws:secretsmanager:us-east-1:111122223333:secret:{name}-AbCdEf"
        told = {"ARN": arn, "Name": name, "VersionId": str(uuid.uuid4()), "SecretString": self.secrets[name]}
        return _json(200, {**told, "VersionStages": [stage], "CreatedDate": 1_800_000_000.0})


def _json(status: int, document: Mapping[str, Any]) -> Answer:
    return Answer(status, json.dumps(document).encode(), "application/x-amz-json-1.0")


def _refused(error: str, message: str, **details: object) -> Answer:
    return _json(400, {"__type": f"com.amazonaws#{error}", "message": message, **details})
