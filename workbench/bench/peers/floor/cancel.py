"""Claim, PATCH, record: two conditional writes, messages side by side, and no look at what the status was."""

import base64
import hmac
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from bench.peers.floor import aws

TABLE, PREVAIL = os.environ["OUTCOMES_TABLE"], urlsplit(os.environ["PREVAIL_URL"]).netloc
API_KEY = aws.secret(os.environ["API_KEY_SECRET"], "api_key").encode()
LEASE_S = 30

threads = ThreadPoolExecutor(10)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's
    def done(record: dict[str, Any]) -> str | None:
        try:
            cancel(json.loads(record["body"])["request"], context.aws_request_id + record["messageId"])
        except (aws.Refused, OSError):
            return str(record["messageId"])
        return None

    records = event["Records"]
    verdicts = map(done, records) if len(records) == 1 else threads.map(done, records)
    return {"batchItemFailures": [{"itemIdentifier": failed} for failed in verdicts if failed]}


def cancel(asked: dict[str, Any], owner: str) -> None:
    session, now = asked["remote_session_id"], int(time.time())
    claim = {
        "TableName": TABLE,
        "Item": {
            "pk": {"S": session},
            "state": {"S": "claimed"},
            "owner": {"S": owner},
            "lease": {"N": str(now + LEASE_S)},
        },
        "ConditionExpression": "attribute_not_exists(pk) OR (#s = :claimed AND lease < :now)",
        "ExpressionAttributeNames": {"#s": "state"},
        "ExpressionAttributeValues": {":claimed": {"S": "claimed"}, ":now": {"N": str(now)}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    try:
        aws.call("dynamodb", "DynamoDB_20120810.PutItem", "1.0", claim)
    except aws.Refused as refused:
        if refused.args[0].get("Item", {}).get("state", {}).get("S") == "done":
            return
        raise
    status = patch(asked, now)
    record = {
        "TableName": TABLE,
        "Key": {"pk": {"S": session}},
        "UpdateExpression": "SET #s = :done, code = :code",
        "ConditionExpression": "#o = :owner",
        "ExpressionAttributeNames": {"#s": "state", "#o": "owner"},
        "ExpressionAttributeValues": {
            ":done": {"S": "done"},
            ":code": {"N": str(status)},
            ":owner": {"S": owner},
        },
    }
    aws.call("dynamodb", "DynamoDB_20120810.UpdateItem", "1.0", record)
    print(json.dumps({"message": "canceled", "remote_session_id": session, "status": status}))


def patch(asked: dict[str, Any], now: int) -> int:
    flag = str(asked["cancel_without_email"]).lower()
    path = f"/api/v1/sessions/{asked['remote_session_id']}/cancel?cancel_without_email={flag}"
    made = aws.connection(PREVAIL)
    headers = {"Authorization": f"Bearer {token(asked['organization'], now)}", "Accept": "application/json"}
    made.request("PATCH", path, headers=headers)
    answer = made.getresponse()
    answer.read()
    return answer.status


def token(slug: str, now: int) -> str:
    claims = json.dumps({"slug": slug, "exp": now + 300}).encode()
    signed = b".".join(map(encoded, (b'{"alg":"HS256","typ":"JWT"}', claims)))
    return (signed + b"." + encoded(hmac.digest(API_KEY, signed, "sha256"))).decode()


def encoded(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")


aws.connection(f"dynamodb.{aws.REGION}.amazonaws.com").connect()
aws.connection(PREVAIL).connect()
