"""Verify, store once, queue: one conditional write and one message."""

import base64
import hmac
import json
import os
import time
from typing import Any

from bench.peers.floor import aws

TABLE, QUEUE, TOLERANCE_S = os.environ["OUTCOMES_TABLE"], os.environ["QUEUE_URL"], 300
KEY = base64.b64decode(aws.secret(os.environ["SIGNING_SECRET"], "signing_secret").removeprefix("whsec_"))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    headers, body = event["headers"], event["body"]
    if not verified(headers, body):
        return {"statusCode": 401, "body": "{}"}
    data, event_id = json.loads(body)["data"], headers["webhook-id"]
    request = {"organization": "example-legal", **data}
    once = {
        "TableName": TABLE,
        "Item": {"pk": {"S": event_id}, "request": {"S": json.dumps(request)}},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    try:
        aws.call("dynamodb", "DynamoDB_20120810.PutItem", "1.0", once)
    except aws.Refused as refused:
        if "ConditionalCheckFailed" not in refused.args[0]["__type"]:
            raise
        return {"statusCode": 202, "body": json.dumps({"status": "known"})}
    message = {"QueueUrl": QUEUE, "MessageBody": json.dumps({"request": request})}
    aws.call("sqs", "AmazonSQS.SendMessage", "1.0", message)
    print(json.dumps({"message": "received", "id": event_id}))
    return {"statusCode": 202, "body": json.dumps({"status": "queued"})}


def verified(headers: dict[str, str], body: str) -> bool:
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}"
    expected = base64.b64encode(hmac.digest(KEY, signed.encode(), "sha256")).decode()
    fresh = abs(time.time() - int(headers["webhook-timestamp"])) < TOLERANCE_S
    return fresh and hmac.compare_digest(f"v1,{expected}", headers["webhook-signature"])


aws.connection(f"dynamodb.{aws.REGION}.amazonaws.com").connect()
aws.connection(f"sqs.{aws.REGION}.amazonaws.com").connect()
