"""Every call that our functions make to AWS, so that a rule can find it; `CELL` and `ID` stand for whose it is.

CELL names the organization, the source and the session of one cell; ID is its request's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from trial.platform.faults import FAULTS, Service

type Start = Literal["webhook", "bus", "lost message"]
"""How the request begins. `lost message`: it is stored, no message could be put, and its sender never comes again."""


@dataclass(frozen=True, slots=True)
class Call:
    """`before`: calls of the request that are struck first, each twice, so that it comes to this one.

    prevail: what Prevail does to the first PATCH, as docs/emulator.md writes it.
    ends, patches: what becomes of the request, and the PATCHes that it takes, whatever strikes.
    swept: faults after which its sender is told yes, for it is stored, though no message is on the queue: who comes
    again within ten seconds is taken for a copy of one whose message is on its way.
    """

    service: Service
    operation: str
    where: str
    before: tuple[str, ...] = ()
    prevail: str | None = None
    start: Start = "webhook"
    state: Literal["ready", "active"] = "ready"
    ends: Literal["canceled", "refused: wrong_state"] = "canceled"
    patches: int = 1
    swept: tuple[str, ...] = ()

    @property
    def writes(self) -> bool:
        return self.operation in {"UpdateItem", "SendMessage"}


def _named(*names: str) -> str:
    """Names of attributes that an expression speaks of; with a minus, that it does not."""
    said = (f"contains(values(ExpressionAttributeNames), '{name.removeprefix('-')}')" for name in names)
    return " && ".join(
        f"!{one}" if name.startswith("-") else one for name, one in zip(names, said, strict=True)
    )


def _update(of: str, *names: str) -> Call:
    return Call("dynamodb", "UpdateItem", f"{of} && {_named(*names)}")


def _read(of: str) -> Call:
    return Call("dynamodb", "GetItem", of)


def _secret(branch: str) -> Call:
    return Call("secretsmanager", "GetSecretValue", f"ends_with(SecretId, '/{branch}/CELL')")


def _message(delay: str) -> Call:
    return Call("sqs", "SendMessage", f"contains(MessageBody, '\"CELL\"') && DelaySeconds {delay} `0`")


REQUEST, SESSION = "Key.pk.S == 'REQUEST#ID'", "starts_with(Key.pk.S, 'SESSION#CELL#')"
GUARD, CAP, LOOKUP = (
    "Key.pk.S == 'GUARD#CELL'",
    "Key.pk.S == 'CAP#CELL'",
    "starts_with(Key.pk.S, 'LOOKUP#CELL#')",
)

DONE_UNHEARD = ("late", "lost")
ACCEPT = _update(REQUEST, "accepted_by")
FIRST_MESSAGE, NEXT_MESSAGE = _message("=="), _message(">")
RECORD = _update(SESSION, "meaning")

CALLS: Mapping[str, Call] = {
    # ── receive ──
    "signing-secret": _secret("sources"),
    "lookup": _read(LOOKUP),
    "accept": replace(ACCEPT, swept=DONE_UNHEARD),
    "first-message": FIRST_MESSAGE,
    "not-queued": replace(
        _update(REQUEST, "queued_at", "-queued_by", "-accepted_by"),
        before=("first-message",),
        swept=tuple(FAULTS),
    ),
    "queue-again": replace(
        _update(REQUEST, "queued_by", "-accepted_by"), before=("first-message",), swept=DONE_UNHEARD
    ),
    "find": _read(REQUEST),
    # ── cancel ──
    "accept-of-bus": replace(ACCEPT, start="bus"),
    "api-key": _secret("organizations"),
    "guards": _read(GUARD),
    "cap": _update(CAP, "cap_count"),
    "slot": _update(GUARD, "next_slot"),
    "lane": Call(
        "dynamodb", "UpdateItem", f"{GUARD} && contains(join(' ', values(ExpressionAttributeNames)), 'lane_')"
    ),
    "claim": _update(SESSION, "remote_session_id"),
    "take-over": replace(_update(SESSION, "expires_at", "-remote_session_id"), before=("record",)),
    "record": RECORD,
    "record-refused": replace(RECORD, state="active", ends="refused: wrong_state"),
    "record-unsent": replace(RECORD, prevail="409-before", patches=2),
    "record-unknown": replace(RECORD, prevail="silent-after"),
    "settle": _update(REQUEST, "settled_at", "-accepted_by"),
    "postpone": replace(
        _update(REQUEST, "next_at", "-settled_at", "-accepted_by"), prevail="409-before", patches=2
    ),
    "next-message": replace(NEXT_MESSAGE, prevail="409-before", patches=2),
    "busy-message": replace(NEXT_MESSAGE, before=("record",)),
    "rate": replace(_update(GUARD, "rate_low"), prevail="429-seconds-1-before", patches=2),
    # ── sweep ──
    "overdue": replace(
        Call("dynamodb", "Query", "ExpressionAttributeValues.\":shard\".S == 'SHARD'"),
        before=("first-message",),
        start="lost message",
    ),
    "sweep": replace(
        _update(REQUEST, "sweeps", "-next_at", "-settled_at", "-accepted_by"),
        before=("first-message",),
        start="lost message",
    ),
    "sweeps-message": replace(FIRST_MESSAGE, before=("first-message",), start="lost message"),
}
