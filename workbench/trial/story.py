"""Five deliveries to a running stack, and what becomes of each: what `make run` shows."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from cancellations.writes import text
from prevail.client import Emulator
from prevail.model import State
from stack import StackInfo
from stack.issued import form_of
from trial.entrances import Sender, put
from trial.gallery import SAMPLES
from trial.senders import BusEvent, Senders, Webhook
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

    first = stage.webhook("ready", without_email=True)
    canceled = Seen("202", "canceled", "canceled", "canceled", 1, 0)
    yield Step("signed webhook, session is ready, no e-mail", "canceled", canceled, stage.post(first))
    yield Step("the same delivery again", "duplicate", canceled, stage.post(first))

    event = stage.bus_event("scheduled")
    expected = Seen("-", "canceled", "canceled", "canceled", 1, stage.participants)
    yield Step("bus event, session is scheduled, with e-mail", "canceled", expected, stage.put(event))

    late = stage.webhook("active")
    refused = Seen("202", "refused", "refused: wrong_state", "active", 1, 0)
    yield Step("signed webhook, session is active", "refused", refused, stage.post(late))

    forged = stage.webhook("ready", without_email=True, forged=True)
    rejected = Seen("401", "-", "-", "ready", 0, 0)
    yield Step("webhook with a forged signature", "rejected", rejected, stage.post(forged))


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
        self._senders, self._prevail = Senders(info), Emulator(info.prevail_url)

    def webhook(self, state: State, *, without_email: bool = False, forged: bool = False) -> Webhook:
        """For a session of its own. Forged: signed with a secret as good as the source's, but another."""
        form = form_of(self._senders.source_for(SAMPLES["webhook"])) if forged else None
        key = form.made_up() if form else None
        sent = self._senders.webhook(_session(state), without_email=without_email, key=key)
        return self._known(sent, state)

    def bus_event(self, state: State) -> BusEvent:
        return self._known(self._senders.bus_event(_session(state)), state)

    def _known[T: Webhook | BusEvent](self, sent: T, state: State) -> T:
        """Prevail knows its session."""
        people = [f"participant-{number}@example.com" for number in range(self.participants)]
        for request in sent.requests:
            self._prevail.put_session(
                request.remote_session_id,
                organization=request.organization,
                state=state,
                participants=people,
            )
        return sent

    def post(self, sent: Webhook) -> Seen:
        answer = self._sender.post(sent)
        return self._seen(str(answer.status_code), sent, accepted=answer.ok)

    def put(self, sent: BusEvent) -> Seen:
        known, _ = put(self._info, sent)
        return self._seen("-", known, accepted=True)

    def _seen(self, http: str, sent: Webhook | BusEvent, *, accepted: bool) -> Seen:
        """Read when all is quiet: what would come late is seen too."""
        (request,) = sent.requests
        item = None
        if accepted:
            try:
                item = self._watch.settled(request.id)
            except TookTooLong:
                item = self._watch.request(request.id)
        self._watch.idle()
        report = self._prevail.session(request.remote_session_id)
        status = (text(item, "status") if item else None) or "-"
        return Seen(http, status, outcome(item), report.state, report.patches, report.emails)


def _session(state: State) -> str:
    return f"{state}-{uuid.uuid4().hex[:8]}"
