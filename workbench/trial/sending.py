"""An arrival sent to a running stack, and waited for: what became of each of its items."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import requests

from cancellations import sentences
from cancellations.results import evidence_in
from cancellations.writes import Item
from prevail.client import Emulator
from stack import StackError, StackInfo
from trial import entrances
from trial.entrances import Sender
from trial.senders import Asked, BusEvent, Webhook
from trial.watch import TookTooLong, Watch, outcome

AS_GOOD_AS = {"already_canceled": "canceled", "observed": "canceled"}
"""Of two arrivals that name one session, the second finds it canceled; and some sources are observed only."""


@dataclass(frozen=True, slots=True)
class Became:
    """`word`: an outcome, or `ignored by NAME`. A request has an id, and stands in the ledger as `item`."""

    word: str
    request_id: str | None = None
    item: Item = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {"became": self.word, "request_id": self.request_id, "request": self.item or None}

    @property
    def evidence(self) -> str:
        proof = evidence_in(self.item.get("outcome"))
        return sentences.evidence(proof) if proof else "-"

    def is_as(self, expected: str) -> bool:
        status = self.word.split(":")[0]
        return expected in (self.word, status, AS_GOOD_AS.get(status))


def make_ready(prevail: Emulator, sent: Webhook | BusEvent | Asked) -> None:
    """Prevail knows the sessions that are named."""
    prevail.put_sessions(
        {"remote_session_id": r.remote_session_id, "organization": r.organization, "state": "ready"}
        for r in sent.requests
    )


def send(info: StackInfo, sent: Webhook | BusEvent | Asked) -> tuple[Became, ...]:
    """Raises StackError where it is refused at the door, or does not settle in time."""
    entrances.tell_sessions(info, sent)
    watch = Watch(info)
    match sent:
        case Webhook():
            return tuple(_became(watch, one) for one in _told(sent, Sender(info).post(sent)))
        case Asked():
            return tuple(_became(watch, one) for one in _told(sent, entrances.ask(info, sent)))
    event, message = entrances.put(info, sent)
    if event.requests:
        return tuple(_settled(watch, request.id) for request in event.requests)
    if message is None:
        raise StackError(
            "nobody can tell what becomes of an event that makes no request: its message has no name"
        )
    return (Became(_in_time(lambda: watch.decision(message))),)


def _told(sent: Webhook | Asked, answer: requests.Response) -> list[dict[str, Any]]:
    """Each item as the answer has it. An acknowledgement in SOAP tells nothing, so what was foreseen stands for it."""
    if answer.status_code not in (HTTPStatus.OK, HTTPStatus.ACCEPTED):
        raise StackError(f"HTTP {answer.status_code}: {answer.text}")
    if answer.headers["content-type"].startswith("text/xml"):
        return [{"id": request.id} for request in sent.requests]
    told = answer.json()
    return told if isinstance(told, list) else [told]


def _became(watch: Watch, told: dict[str, Any]) -> Became:
    match told:
        case {"status": "ignored", "filter": str(name)}:
            return Became(f"ignored by {name}")
        case {"status": "conflict" | "rejected" as status}:
            return Became(f"{status}: {told.get('detail') or told['title']}")
    return _settled(watch, told["id"])


def _settled(watch: Watch, request_id: str) -> Became:
    item = _in_time(lambda: watch.settled(request_id))
    return Became(outcome(item), request_id, item)


def _in_time[T](wait: Callable[[], T]) -> T:
    try:
        return wait()
    except TookTooLong as late:
        raise StackError(f"{late}; see the log files of `cancelctl local info --json`") from late
