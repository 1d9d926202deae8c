"""One function for both entries. Cancels one message after the other and notes the status; knows no duplicates."""

import base64
import hashlib
import hmac
import json
import os
import time
from typing import Any

import boto3
import jwt
import requests

secrets = boto3.client("secretsmanager")
queue = boto3.client("sqs")
outcomes = boto3.resource("dynamodb").Table(os.environ["OUTCOMES_TABLE"])
session = requests.Session()

TOLERANCE_S = 300


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    if "Records" not in event:
        return receive(event)
    for record in event["Records"]:
        cancel(json.loads(record["body"])["request"])
    return {"batchItemFailures": []}


def cancel(asked: dict[str, Any]) -> None:
    stored = secrets.get_secret_value(SecretId=os.environ["API_KEY_SECRET"])["SecretString"]
    now = int(time.time())
    claims = {"slug": asked["organization"], "exp": now + 300}
    token = jwt.encode(claims, json.loads(stored)["api_key"], algorithm="HS256")
    answer = session.patch(
        f"{os.environ['PREVAIL_URL']}/api/v1/sessions/{asked['remote_session_id']}/cancel",
        params={"cancel_without_email": str(asked["cancel_without_email"]).lower()},
        headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
        timeout=10,
    )
    outcomes.put_item(Item={"pk": asked["remote_session_id"], "status": answer.status_code, "at": now})
    print(f"canceled {asked['remote_session_id']}: {answer.status_code}")


def receive(event: dict[str, Any]) -> dict[str, Any]:
    headers, body = event["headers"], event["body"]
    if not verified(headers, body):
        return {"statusCode": 401, "body": json.dumps({"error": "unauthorized"})}
    data = json.loads(body)["data"]
    request = {
        "organization": "example-legal",
        "remote_session_id": data["remote_session_id"],
        "cancel_without_email": data["cancel_without_email"],
        "reason": data["reason"],
    }
    queue.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps({"request": request}))
    print(f"received {headers['webhook-id']}")
    return {"statusCode": 202, "body": json.dumps({"status": "queued"})}


def verified(headers: dict[str, str], body: str) -> bool:
    stored = secrets.get_secret_value(SecretId=os.environ["SIGNING_SECRET"])["SecretString"]
    key = base64.b64decode(json.loads(stored)["signing_secret"].removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}"
    expected = base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()).decode()
    fresh = abs(time.time() - int(headers["webhook-timestamp"])) < TOLERANCE_S
    return fresh and hmac.compare_digest(f"v1,{expected}", headers["webhook-signature"])
