"""Powertools' idempotency in the simulator's world: its table, its queue and its Prevail, with the same faults."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn, cast

from aws_lambda_powertools.utilities.idempotency.exceptions import BaseError as IdempotencyError
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from bench.peers.powertools_idempotency import Asked, Context, Done, NotCanceled, cancellation, told_the_time
from builders import a_verify, an_organization
from cancellations.admission import Admission
from cancellations.cancel import Remaining
from cancellations.domain import Evidence, Json, Outcome, Request
from cancellations.errors import SecretFault, TryAgain, Unavailable
from cancellations.intake import Intake
from cancellations.ledger import Ledger
from cancellations.lookup import Lookup
from cancellations.messages import request_in
from cancellations.ports import Clock
from cancellations.receive import Receive
from cancellations.token import sign
from cancellations.verdicts import Accepted
from cancellations.work import Work, Worked
from cancellations.writes import (
    Absent,
    Before,
    Change,
    Condition,
    ConditionFailed,
    Equals,
    Item,
    Put,
    Remove,
    Write,
)
from simulation.faults import Plan
from simulation.judge import Indulgent, Judge, JudgedWorld, Witness
from simulation.prevail import PrevailModel
from simulation.scenario import Scenario
from simulation.scheduler import Violation
from simulation.secrets_store import SecretsStore
from simulation.senders import EVENTS, WEBHOOKS, id_of
from simulation.table import LedgerTable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

NEW_OR_OVER = (
    "attribute_not_exists(#id) OR #expiry < :now OR (#status = :inprogress "
    "AND attribute_exists(#in_progress_expiry) AND #in_progress_expiry < :now_in_millis)"
)
SUCCESS = "SET #response_data = :response_data, #expiry = :expiry, #status = :status"
"""The two expressions that Powertools sends, as `IdempotencyTable` understands them."""

ATTRIBUTES = ("id", "status", "expiration", "in_progress_expiration", "data")
ALWAYS = Absent(("nothing",))


class IdempotencyTable:
    """The part of boto3's client that Powertools calls, on a table of the simulator's.

    A deleted item loses all its attributes. Raises what botocore raises; Violation, which nobody catches, where
    Powertools sends what is not simulated.
    """

    def __init__(self, table: LedgerTable) -> None:
        self._table = table

    def put_item(self, **call: Any) -> None:  # noqa: ANN401 - boto3's
        if (call["ConditionExpression"], call["ReturnValuesOnConditionCheckFailure"]) != (
            NEW_OR_OVER,
            "ALL_OLD",
        ):
            raise Violation("Powertools puts its records under another condition than the one simulated")
        item, values = _plain(call["Item"]), _plain(call["ExpressionAttributeValues"])
        over = Equals(("status",), values[":inprogress"]) & Before(
            ("in_progress_expiration",), float(values[":now_in_millis"])
        )
        new_or_over = Absent(("id",)) | Before(("expiration",), float(values[":now"])) | over
        changes = [Put((name,), item[name]) if name in item else Remove((name,)) for name in ATTRIBUTES]
        self._write(item["id"], new_or_over, *changes)

    def update_item(self, **call: Any) -> None:  # noqa: ANN401 - boto3's
        if call["UpdateExpression"] != SUCCESS:
            raise Violation("Powertools records success in another way than the one simulated")
        key, values = _plain(call["Key"]), _plain(call["ExpressionAttributeValues"])
        new = {
            "id": key["id"],
            "status": values[":status"],
            "expiration": values[":expiry"],
            "data": values[":response_data"],
        }
        self._write(key["id"], ALWAYS, *(Put((name,), value) for name, value in new.items()))

    def delete_item(self, **call: Any) -> None:  # noqa: ANN401 - boto3's
        self._write(_plain(call["Key"])["id"], ALWAYS, *(Remove((name,)) for name in ATTRIBUTES))

    def get_item(self, **_: Any) -> NoReturn:  # noqa: ANN401 - boto3's
        raise Violation("a refused put brings the item: there is nothing that Powertools should have to get")

    def _write(self, key: str, when: Condition, *changes: Change) -> None:
        try:
            self._table.write(Write(key, when, changes))
        except Unavailable as unavailable:
            raise ReadTimeoutError(endpoint_url="dynamodb", error=unavailable) from unavailable
        except ConditionFailed as refused:
            seen = {name: _typed(refused.item[name]) for name in ATTRIBUTES if name in refused.item}
            code = {"Code": "ConditionalCheckFailedException", "Message": "The conditional request failed"}
            raise ClientError(cast("Any", {"Error": code, "Item": seen}), "PutItem") from refused


class NoLedger(Ledger):
    """Nothing is stored at the door: a verified webhook is a message, each time it comes."""

    def __init__(self) -> None:
        """Without a table."""

    def accept(self, _request: Request, _now: float, _outcome: Outcome | None = None) -> Accepted:
        return Accepted()

    def not_queued(self, _request: Request, _since: float) -> None:
        return


@dataclass(frozen=True, slots=True)
class PeerWork:
    """One message and the decorated PATCH; what fails leaves the message to come again."""

    key: str
    clock: Clock
    client: IdempotencyTable
    secrets: SecretsStore
    prevail: PrevailModel

    def __call__(self, body: str, remaining: Remaining) -> Worked:
        client = cast("DynamoDBClient", self.client)
        cancel = cancellation(self.key, client, Context(remaining), self._send)
        try:
            done = cancel(_asked(json.loads(body)))
        except (IdempotencyError, ClientError, BotoCoreError, NotCanceled, OSError, SecretFault) as error:
            raise TryAgain(repr(error)) from error
        return Worked(None, Outcome("canceled", evidence=Evidence("answer", words=str(done))))

    def _send(self, session_id: str, *, without_email: bool) -> int:
        organization = an_organization()
        token = sign(self.secrets.api_key(organization), organization.slug, self.clock())
        answer = self.prevail.cancel(organization, session_id, without_email=without_email, token=token)
        if answer.status is None:
            raise TimeoutError(answer.reason)
        return answer.status


class PeerWitness(Witness, Indulgent):
    """What the judge sees of a peer."""


class PeerWorld(JudgedWorld):
    witness = PeerWitness

    def __init__(self, key: str, scenario: Scenario, plan: Plan, seed: int, judge: Judge) -> None:
        super().__init__(scenario, plan, seed, judge)
        secrets = SecretsStore(self.scheduler)
        client = IdempotencyTable(self._table)
        work = PeerWork(key, self.scheduler.clock, client, secrets, self._prevail)
        self._workers = [cast("Work", work)]  # called in the same way, and all else is the product's
        intake, admission = Intake(Lookup(self._table)), Admission(NoLedger(), self._queue)
        receive = Receive({WEBHOOKS.name: WEBHOOKS}, a_verify(secrets), intake, admission, map)
        self._doors = replace(self._doors, receive=receive)

    def run(self) -> None:
        with told_the_time(self.scheduler.clock):
            super().run()


class IdempotencyBooks:
    """Powertools' own: records of what has been completed, with its result."""

    def settled(self, items: Mapping[str, Item], request: str, session: str) -> bool:
        return any(d["event_id"] == request or d["session_id"] == session for d in _completed(items))

    def explains(self, items: Mapping[str, Item], session: str) -> bool:
        return any(done["session_id"] == session for done in _completed(items))


def _completed(items: Mapping[str, Item]) -> Iterator[Done]:
    for item in items.values():
        if item.get("status") == "COMPLETED":
            yield json.loads(str(item["data"]))


def _asked(message: dict[str, Any]) -> Asked:
    """What a message asks for: one that was put at the door, or an event of the bus."""
    if "detail" not in message:
        request = request_in(message)
        return Asked(
            session_id=request.remote_session_id,
            event_id=request.id,
            cancel_without_email=request.cancel_without_email,
        )
    detail = message["detail"]
    return Asked(
        session_id=detail["remote_session_id"],
        event_id=id_of(EVENTS, message["id"]),
        cancel_without_email=detail["cancel_without_email"],
    )


def _plain(typed: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Attributes as values: Powertools writes strings and whole numbers."""
    return {name: v["S"] if "S" in v else int(v["N"]) for name, v in typed.items()}


def _typed(value: Json) -> dict[str, str]:
    return {"S": value} if isinstance(value, str) else {"N": str(value)}
