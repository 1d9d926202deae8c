"""Cancels what each message asks for, one after the other, and notes the status. Knows no duplicates."""

import json
import os
import time
from typing import Any

import boto3
import jwt
import requests

secrets = boto3.client("secretsmanager")
outcomes = boto3.resource("dynamodb").Table(os.environ["OUTCOMES_TABLE"])
session = requests.Session()


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
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
