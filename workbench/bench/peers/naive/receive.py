"""Verifies a delivery as Standard Webhooks say and puts it on the queue. Knows no duplicates."""

import base64
import hashlib
import hmac
import json
import os
import time
from typing import Any

import boto3

secrets = boto3.client("secretsmanager")
queue = boto3.client("sqs")

TOLERANCE_S = 300


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
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
