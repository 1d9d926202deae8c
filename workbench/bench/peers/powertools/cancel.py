"""Batch processor, parser, idempotency by session, outcomes in a table, cached secret, tracer, metrics and logger."""

import os
import time
from typing import Any

import boto3
import jwt
import requests
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.parser import BaseModel, parse
from aws_lambda_powertools.utilities.typing import LambdaContext

from bench.peers.powertools.pieces import logger, metrics, tracer

processor = BatchProcessor(event_type=EventType.SQS)
store = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])
config = IdempotencyConfig(event_key_jmespath="remote_session_id", expires_after_seconds=24 * 3600)
outcomes = boto3.resource("dynamodb").Table(os.environ["OUTCOMES_TABLE"])
session = requests.Session()


class Asked(BaseModel):
    organization: str
    remote_session_id: str
    cancel_without_email: bool
    reason: str | None = None


class Message(BaseModel):
    request: Asked


@tracer.capture_method
@idempotent_function(data_keyword_argument="asked", persistence_store=store, config=config)  # type: ignore[untyped-decorator]  # Powertools'
def cancel(*, asked: dict[str, Any]) -> dict[str, Any]:
    key = parameters.get_secret(os.environ["API_KEY_SECRET"], transform="json", max_age=300)["api_key"]
    now = int(time.time())
    claims = {"slug": asked["organization"], "exp": now + 300}
    answer = session.patch(
        f"{os.environ['PREVAIL_URL']}/api/v1/sessions/{asked['remote_session_id']}/cancel",
        params={"cancel_without_email": str(asked["cancel_without_email"]).lower()},
        headers={
            "Authorization": f"Bearer {jwt.encode(claims, key, algorithm='HS256')}",
            "Accept": "application/json",
        },
        timeout=10,
    )
    answer.raise_for_status()
    outcomes.put_item(Item={"pk": asked["remote_session_id"], "status": answer.status_code, "at": now})
    metrics.add_metric(name="Canceled", unit=MetricUnit.Count, value=1)
    logger.info("canceled", remote_session_id=asked["remote_session_id"], status=answer.status_code)
    return {"status": answer.status_code}


def worked(record: SQSRecord) -> dict[str, Any]:
    message = parse(event=record.json_body, model=Message)
    done: dict[str, Any] = cancel(asked=message.request.model_dump())
    return done


def handle(event: dict[str, Any], context: LambdaContext) -> Any:  # noqa: ANN401 - Powertools' own type
    config.register_lambda_context(context)
    return process_partial_response(event=event, record_handler=worked, processor=processor, context=context)
