"""Router, parser, idempotency by the delivery's id, cached secret, tracer, metrics and logger."""

import base64
import hashlib
import hmac
import json
import os
import time
from typing import Any

import boto3
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import UnauthorizedError
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.parser import BaseModel, parse
from aws_lambda_powertools.utilities.typing import LambdaContext

from bench.peers.powertools.pieces import logger, metrics, tracer

TOLERANCE_S = 300

app = APIGatewayHttpResolver()
store = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])
config = IdempotencyConfig(
    event_key_jmespath="id", payload_validation_jmespath="request", expires_after_seconds=24 * 3600
)
queue = boto3.client("sqs")


class Data(BaseModel):
    remote_session_id: str
    cancel_without_email: bool
    reason: str | None = None


class Delivery(BaseModel):
    type: str
    data: Data


@tracer.capture_method
@idempotent_function(data_keyword_argument="asked", persistence_store=store, config=config)  # type: ignore[untyped-decorator]  # Powertools'
def take(*, asked: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps({"request": asked["request"]})
    queue.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=body)
    metrics.add_metric(name="Received", unit=MetricUnit.Count, value=1)
    logger.info("received", id=asked["id"])
    return {"status": "queued", "id": asked["id"]}


@app.post("/v1/webhooks/<source>")
def receive(source: str) -> Response[str]:
    event = app.current_event
    body = event.body or ""
    if not verified(event.headers, body):
        raise UnauthorizedError("unauthorized")
    delivery = parse(event=json.loads(body), model=Delivery)
    request = {"organization": "example-legal", "source": source, **delivery.data.model_dump()}
    taken = take(asked={"id": event.headers["webhook-id"], "request": request})
    return Response(status_code=202, content_type="application/json", body=json.dumps(taken))


def verified(headers: Any, body: str) -> bool:  # noqa: ANN401 - Powertools' own mapping
    stored = parameters.get_secret(os.environ["SIGNING_SECRET"], transform="json", max_age=300)
    key = base64.b64decode(stored["signing_secret"].removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}"
    expected = base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()).decode()
    fresh = abs(time.time() - int(headers["webhook-timestamp"])) < TOLERANCE_S
    return fresh and hmac.compare_digest(f"v1,{expected}", headers["webhook-signature"])


def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    config.register_lambda_context(context)
    return app.resolve(event, context)
