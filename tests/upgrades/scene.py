"""The real code on a table as moto plays DynamoDB, and on a queue that keeps what SQS is told to send."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from builders import ACCOUNT, API_KEY, NOW, a_bus_source, a_request, an_organization, some_names
from cancellations.adapters.aws import DynamoTable, SqsQueue
from cancellations.adapters.expressions import item_from
from cancellations.admission import Admission, Conflicted, Received
from cancellations.answers import Answer, answer_for
from cancellations.domain import SETTLED, Organization, Request
from cancellations.errors import TryAgain
from cancellations.intake import Intake
from cancellations.ledger import Ledger
from cancellations.lookup import Lookup
from cancellations.ports import Names
from cancellations.settlement import Settlement
from cancellations.sweep import Sweep, Swept
from cancellations.work import Work, Worked
from cancellations.writes import KEY, Item
from fakes import Clock, MemoryKeys, ScriptedPrevail
from stage import LEASE_S, a_cancel
from tables import moto_ledger

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

type Typed = Mapping[str, Any]
"""An item or a value with its type, as DynamoDB keeps it."""

VISIBILITY_S = 360.0
"""After which a message comes again that nobody acknowledged."""

MOST_STEPS = 60
"""More than any request needs; whoever needs more goes round in circles."""


@dataclass(frozen=True, slots=True)
class Message:
    due_at: float
    body: str


@dataclass
class Scene:
    client: "DynamoDBClient"
    table_name: str
    prevail: ScriptedPrevail = field(default_factory=lambda: ScriptedPrevail([answer_for(200)]))
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    names: Names = field(default_factory=some_names)
    keys: MemoryKeys = field(default_factory=lambda: MemoryKeys({"acme-legal": API_KEY}))
    organization: Organization = field(default_factory=an_organization)
    caps: dict[str, int] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    first_seen: dict[str, str] = field(default_factory=dict)

    @property
    def table(self) -> DynamoTable:
        return DynamoTable(self.client, self.table_name)

    @property
    def queue(self) -> SqsQueue:
        return SqsQueue(cast("Any", self), "queue", self.clock)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.table, self.names, LEASE_S)

    @property
    def settlement(self) -> Settlement:
        return Settlement(self.ledger, self.queue, self.clock)

    def send_message(self, **sent: Any) -> None:  # noqa: ANN401 - as the client of SQS is called
        self.messages.append(Message(self.clock() + sent["DelaySeconds"], sent["MessageBody"]))

    # ── What happens ──────────────────────────────────────────────────────────────────────────────

    def arrives(self, *, observed: bool = False, **changes: object) -> Request:
        """A delivery is taken in at the door."""
        request = a_request(**{"accepted_at": self.clock(), **changes})
        taken = self.admitted(request, observed=observed)
        return taken.request

    def admitted(self, request: Request, *, observed: bool = False) -> Received | Conflicted:
        return Admission(self.ledger, self.queue)(request, self.clock(), observed=observed)

    def take(self, *answers: Answer | int, twice: bool = False) -> Worked | TryAgain:
        """The next message is worked on when it is due. twice: a copy of it stays on the queue."""
        if answers:
            self.prevail.answers = [answer_for(a) if isinstance(a, int) else a for a in answers]
        message = min(self.messages, key=lambda waiting: waiting.due_at)
        self.messages.remove(message)
        self.clock.now = max(self.clock.now, message.due_at)
        if twice:
            self.messages.append(message)
        try:
            return self.work(message.body)
        except TryAgain as again:
            self.messages.append(Message(self.clock.now + VISIBILITY_S, message.body))
            return again

    def work(self, body: str) -> Worked:
        """In a process that has seen nothing yet."""
        cancel = a_cancel(
            self.organization, self.settlement, self.keys, self.prevail, table=self.table, caps=self.caps
        )
        admission = Admission(self.ledger, self.queue)
        source = (a_bus_source(),)
        return Work(source, ACCOUNT, Intake(Lookup(self.table)), admission, cancel, self.clock)(
            body, lambda: 60.0
        )

    def sweep(self) -> Swept:
        return Sweep(self.settlement)(lambda: 60.0)

    def run(self) -> None:
        """Until every request has settled and no message is left."""
        for _ in range(MOST_STEPS):
            if self.messages:
                self.take()
            elif set(self.statuses().values()) <= SETTLED:
                return
            else:
                self.clock.now += 301.0
                self.sweep()
        raise AssertionError(f"not settled: {self.statuses()}, {self.messages}")

    # ── What stands there ─────────────────────────────────────────────────────────────────────────

    def stored(self) -> list[Typed]:
        found = self.client.scan(TableName=self.table_name, ConsistentRead=True)["Items"]
        return sorted(found, key=lambda item: str(item[KEY]))

    def put(self, item: Typed) -> None:
        self.client.put_item(TableName=self.table_name, Item=dict(item))

    def items(self) -> dict[str, Item]:
        return {str(item[KEY]["S"]): item_from(item) for item in self.stored()}

    def statuses(self) -> dict[str, str]:
        """Of every request, by its event id as it was first seen here."""
        found = {key: item for key, item in self.items().items() if key.startswith("REQUEST#")}
        names = {key: self.first_seen.setdefault(key, str(item["event_id"])) for key, item in found.items()}
        return {names[key]: str(item["status"]) for key, item in found.items()}

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(message.body) for message in self.messages]


@contextmanager
def a_scene() -> Iterator[Scene]:
    with moto_ledger() as (client, name):
        yield Scene(client, name)
