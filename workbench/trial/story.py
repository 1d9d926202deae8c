"""Five deliveries to a running stack, and what becomes of each: what `make run` shows."""

import base64
import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from cancellations.writes import text
from prevail.client import Emulator
from prevail.model import State
from stack import SourceInfo, StackInfo
from trial.senders import Sender, Webhook, put_bus_event, webhook
from trial.watch import TookTooLong, Watch, outcome


@dataclass(frozen=True, slots=True)
class Seen:
    """What one delivery led to; PATCHes and e-mails are those of its session so far."""

    http: str
    status: str
    outcome: str
    session: str
    patches: int
    emails: int


@dataclass(frozen=True, slots=True)
class Step:
    """A delivery, what it must lead to, what it led to, and how the last line counts it."""

    delivery: str
    counts_as: str
    expected: Seen
    seen: Seen

    @property
    def as_expected(self) -> bool:
        return self.seen == self.expected


def tell(info: StackInfo) -> Iterator[Step]:
    """Each step when it has come to its end. Needs the emulator, a webhook source and a bus source."""
    stage = _Stage(info)
    crm, bus = stage.sources()

    ready = stage.session(crm, "ready")
    first = webhook(crm, ready, without_email=True)
    canceled = Seen("202", "canceled", "canceled", "canceled", 1, 0)
    yield Step("signed webhook, session is ready, no e-mail", "canceled", canceled, stage.post(first, ready))
    yield Step("the same delivery again", "duplicate", canceled, stage.post(first, ready))

    scheduled = stage.session(bus, "scheduled")
    expected = Seen("-", "canceled", "canceled", "canceled", 1, stage.participants)
    seen = stage.put(bus, scheduled)
    yield Step("bus event, session is scheduled, with e-mail", "canceled", expected, seen)

    active = stage.session(crm, "active")
    late = webhook(crm, active, without_email=False)
    refused = Seen("202", "refused", "refused: wrong_state", "active", 1, 0)
    yield Step("signed webhook, session is active", "refused", refused, stage.post(late, active))

    wanted = stage.session(crm, "ready")
    somebody = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    forged = webhook(crm, wanted, without_email=True, secret=somebody)
    rejected = Seen("401", "-", "-", "ready", 0, 0)
    yield Step("webhook with a forged signature", "rejected", rejected, stage.post(forged, wanted))


def summary(steps: list[Step], lost: int) -> str:
    counts = {word: sum(step.counts_as == word and step.as_expected for step in steps) for word in COUNTED}
    told = ", ".join(f"{count} {word}" for word, count in counts.items())
    return f"run: {len(steps)} deliveries, {told}, {lost} lost"


COUNTED = ("canceled", "duplicate", "refused", "rejected")


def lost(steps: list[Step]) -> int:
    """Deliveries that were taken and did not settle."""
    return sum(step.seen.http in ("202", "-") and step.seen.outcome == "-" for step in steps)


class _Stage:
    participants = 2

    def __init__(self, info: StackInfo) -> None:
        self._info, self._watch, self._sender = info, Watch(info), Sender(info)
        self._prevail = Emulator(info.prevail_url)

    def sources(self) -> tuple[SourceInfo, SourceInfo]:
        webhooks = [source for source in self._info.sources if source.secret]
        buses = [source for source in self._info.sources if source.source]
        return webhooks[0], buses[0]

    def session(self, source: SourceInfo, state: State) -> str:
        name = f"{state}-{uuid.uuid4().hex[:8]}"
        people = [f"participant-{number}@example.com" for number in range(self.participants)]
        self._prevail.put_session(name, organization=source.organization, state=state, participants=people)
        return name

    def post(self, sent: Webhook, session: str) -> Seen:
        answer = self._sender.post(sent)
        return self._seen(str(answer.status_code), sent.request_id if answer.ok else None, session)

    def put(self, source: SourceInfo, session: str) -> Seen:
        return self._seen("-", put_bus_event(self._info, source, session, without_email=False), session)

    def _seen(self, http: str, request_id: str | None, session: str) -> Seen:
        """Read when all is quiet: what would come late is seen too."""
        item = None
        if request_id:
            try:
                item = self._watch.settled(request_id)
            except TookTooLong:
                item = self._watch.request(request_id)
        self._watch.idle()
        report = self._prevail.session(session)
        status = (text(item, "status") if item else None) or "-"
        return Seen(http, status, outcome(item), report.state, report.patches, report.emails)
