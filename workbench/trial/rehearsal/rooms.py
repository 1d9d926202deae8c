"""The receiver's own rooms, with nothing behind them: no table, no queue, no store of secrets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from cancellations.admission import Admission
from cancellations.configuration import Source
from cancellations.domain import NEW, Json, Progress, Request
from cancellations.intake import Intake
from cancellations.ledger import Ledger
from cancellations.lookup import Lookup
from cancellations.ports import Stored
from cancellations.receive import Receive
from cancellations.verify import Known, Verify
from cancellations.writes import Item as Row
from cancellations.writes import Write

IN_THE_LEDGER = "the-session-that-the-ledger-tells"
"""Stands for a session that only a deployed table could tell."""

NOT_VERIFIED = "not verified"


class NoLedger:
    """Takes every write and keeps none; of lookups it knows one answer."""

    def write(self, write: Write) -> Row:
        return {"pk": write.key}

    def read(self, key: str) -> Row | None:
        return {"pk": key, "remote_session_id": IN_THE_LEDGER}

    def due(self, shard: str, before: float, limit: int) -> list[Row]:
        raise NotImplementedError(f"nothing is due here: {shard}, {before}, {limit}")


class _NoQueue:
    def send(self, request: Request, delay: int = 0, progress: Progress = NEW) -> None:
        """Nobody waits for it: neither for the request nor for what goes with it."""


@dataclass(frozen=True, slots=True)
class _Ring:
    """The keys at hand, whatever their name."""

    stored: tuple[Stored, ...] = field(repr=False)

    def of(self, name: str) -> tuple[Stored, ...]:  # noqa: ARG002 - one source alone is asked for
        return self.stored

    def refreshed(self, name: str) -> None:
        """There is nowhere to ask anew."""


def receiver(source: Source, stored: Sequence[Stored] | None, claims: Json) -> Receive:
    """The use case behind the webhook. stored: None believes every delivery, and that its token says `claims`."""
    ring = _Ring(tuple(stored or ()))
    verify = Verify(ring, ring, "-")
    if stored is None:
        verify = cast("Verify", lambda *_: Known(NOT_VERIFIED, claims))
    ledger = Ledger(NoLedger(), lambda: "-", 0.0)
    return Receive(
        {source.name: source}, verify, Intake(Lookup(NoLedger())), Admission(ledger, _NoQueue()), map
    )
