"""Each function, led down every way on which it calls AWS.

A function that is added gets a row in DRIVES. `test_recorder.py` names the calls in the code that no drive has come by.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache

from asking import a_question_event, an_ask, an_ask_event
from builders import a_body, a_bus_event, a_delivery, a_request, a_webhook_event, some_evidence, some_names
from cancellations import lookup
from cancellations.answers import Answer, answer_for
from cancellations.domain import OUTCOMES, OWN_CALLERS, Json, Outcome, Request, idempotency_key
from cancellations.ledger import Ledger
from cancellations.messages import message_for
from cancellations.permits import TOLERATED
from cancellations.ports import Reply
from cancellations.protocol import session_key
from cancellations.protocol.requests import MAX_SWEEPS, SWEEP_AFTER_S
from cancellations.protocol.sessions import MAX_OUTCOMES
from cancellations.versions import READS, SCHEMA
from cancellations.writes import KEY, Absent, Put, Write
from iam.recorder import Recorder
from iam.resolve import ACCOUNT
from iam.stand import Stand, a_stand
from streams import StreamedTable, a_batch

NOT_SENT, READ_TIMEOUT = Answer("not_sent", "ConnectTimeout"), Answer("unknown", "ReadTimeout")


# ── Receive ───────────────────────────────────────────────────────────────────────────────────────


def receive(stand: Stand) -> None:
    module = stand.door("ReceiveFunction")
    stand.table.write(lookup.entry("clerk", "case-1", "session-1"))

    def hears(event: dict[str, object]) -> int:
        return int(stand.handle("ReceiveFunction", module, event)["statusCode"])

    def delivered(
        message_id: str = "msg_1", source: str = "acme", key: bytes = bytes(range(32)), **data: str
    ) -> int:
        return hears(
            a_webhook_event(
                a_delivery(
                    source=source,
                    body=a_body(**data),
                    message_id=message_id,
                    key=key,
                    timestamp=stand.clock(),
                )
            )
        )

    assert delivered() == 202
    assert delivered(remote_session_id="session-2") == 422
    stand.clock.now += 11
    assert delivered() == 202  # its message may be lost: it is put once more
    stand.recorder.down = {"sqs"}
    assert delivered("msg_2") == 503
    stand.recorder.down = set()
    assert delivered("msg_3", source="clerk", remote_session_id="case-1") == 202
    assert delivered("msg_4", key=b"a forged one") == 401  # the previous secret is asked for
    assert delivered("msg_5", source="nobody") == 401
    assert delivered("msg_6", source="capped") == 503  # its secret does not exist
    asked = an_ask_event(an_ask())
    assert hears({**asked, "headers": {**asked["headers"], "prefer": "wait=1"}}) == 202
    assert hears(a_question_event(idempotency_key("acme-legal", "acme", "msg_1"))) == 200
    assert hears({"routeKey": "GET /v1/health"}) == hears({"routeKey": "HEAD /v1/health"}) == 200


# ── Cancel ────────────────────────────────────────────────────────────────────────────────────────


def cancel(stand: Stand) -> None:
    module = stand.door("CancelFunction")
    stand.table.write(lookup.entry("on-the-bus", "case-1", "by-bus"))

    def worked(*messages: object) -> bool:
        records = [{"messageId": str(n), "body": json.dumps(body)} for n, body in enumerate(messages)]
        return not stand.handle("CancelFunction", module, {"Records": records})["batchItemFailures"]

    def asked(session: str, event_id: str = "1", **changes: object) -> Request:
        request = a_request(
            remote_session_id=session, event_id=f"{session}-{event_id}", accepted_at=stand.clock(), **changes
        )
        stand.ledger.accept(request, stand.clock())
        return request

    def comes(session: str, event_id: str = "1", *answers: Answer, **changes: object) -> None:
        stand.prevail.answers = [*answers] or [answer_for(200)]
        assert worked(message_for(asked(session, event_id, **changes)))

    comes("canceled")
    comes("canceled", "2")
    comes("unanswered", "1", READ_TIMEOUT)
    comes("unanswered", "2")  # somebody's call may still be on its way
    stand.clock.now += 200
    stand.prevail.states["unanswered"] = "ready"
    comes("unanswered", "3")
    comes("refused", "1", answer_for(409))
    for turn in range(MAX_OUTCOMES + 1):  # one more than the session lists
        comes("forgetful", str(turn), answer_for(422))
    comes("forgetful", "0")  # only its own record still knows its outcome
    stand.clock.now += 1000
    stand.prevail.states["canceled"] = "ready"
    comes("canceled", "3", source=OWN_CALLERS)  # somebody put the session back
    comes("our-key", "1", answer_for(401))  # the key is fetched anew
    stand.clock.now += 1000
    comes("our-key", "2")
    for turn in range(TOLERATED):
        comes("breaker", str(turn), NOT_SENT)
    comes("breaker", "held")
    stand.clock.now += 1000
    comes("breaker", "probe")
    stand.clock.now += 1000
    for turn in range(3):  # enough to see a limit
        comes("limited", f"turned-away-{turn}", answer_for(429))
    for turn in range(8):  # each call has a slot now, and the rate is raised
        stand.clock.now += 10
        comes("limited", f"taken-{turn}")
    comes("limited", "at-once")
    comes("limited", "objected-to", answer_for(409))  # the look after it takes a slot too
    for turn in range(3):
        comes("capped", str(turn), source="capped")
    comes("keyless", organization="keyless")
    newer = asked("of-a-newer-version")
    stand.table.write(Write(session_key(newer), Absent((KEY,)), (Put((SCHEMA,), READS + 1),)))
    assert worked(message_for(newer))
    early = stand.clock() + 2000
    assert worked(message_for(asked("early"), not_before=early))
    detail: dict[str, Json] = {"event_id": "crm-1", "remote_session_id": "case-1"}
    assert worked(a_bus_event(detail, account=ACCOUNT))


# ── Sweep ─────────────────────────────────────────────────────────────────────────────────────────


def sweep(stand: Stand) -> None:
    module = stand.door("SweepFunction")
    lost = a_request(event_id="lost", accepted_at=stand.clock())
    stand.ledger.accept(lost, stand.clock())
    # Its session may have dropped its outcome, so giving it up reads the request's own record.
    forgotten = Put(("forgotten_at",), stand.clock())
    stand.table.write(Write(session_key(lost), Absent((KEY,)), (forgotten,)))
    done = []
    for _ in range(MAX_SWEEPS + 1):
        stand.clock.now += max(SWEEP_AFTER_S) + 1
        done.append(stand.handle("SweepFunction", module, {}))
    assert [run["put_back"] for run in done] == [1] * MAX_SWEEPS + [0]
    assert done[-1]["given_up"] == 1


# ── Announce ──────────────────────────────────────────────────────────────────────────────────────


def announce(stand: Stand) -> None:
    module = stand.door("AnnounceFunction")
    table = StreamedTable(stand.clock)
    ledger, request = Ledger(table, some_names(), lease_s=60), a_request(accepted_at=stand.clock())
    ledger.accept(request, stand.clock())
    ledger.settle(request, Outcome("canceled", None, request.id, some_evidence(200)), stand.clock())
    assert stand.handle("AnnounceFunction", module, a_batch(*table.changes)) == {"batchItemFailures": []}


# ── Notify ────────────────────────────────────────────────────────────────────────────────────────


def notify(stand: Stand) -> None:
    module = stand.door("NotifyFunction")

    def told(source: str) -> bool:
        detail = {"id": "event-1", "source": source, "occurred_at": "2027-01-15T08:00:00.000Z"}
        event = {"source": OUTCOMES, "account": ACCOUNT, "detail-type": "Session Canceled", "detail": detail}
        attributes = {"ApproximateReceiveCount": "1"}
        message = {"messageId": "1", "receiptHandle": stand.receipt("Callbacks"), "attributes": attributes}
        record = {**message, "body": json.dumps(event)}
        return not stand.handle("NotifyFunction", module, {"Records": [record]})["batchItemFailures"]

    assert told("acme")
    stand.receivers.answers = [Reply("HTTP 503", 503)]
    assert not told("acme")
    assert not told("clerk")  # its secret does not exist


DRIVES: Mapping[str, Callable[[Stand], None]] = {
    "ReceiveFunction": receive,
    "CancelFunction": cancel,
    "SweepFunction": sweep,
    "AnnounceFunction": announce,
    "NotifyFunction": notify,
}
"""By the logical name of the function."""


@cache
def recorded() -> Recorder:
    """What was heard of all drives, each on a stand of its own."""
    heard = Recorder()
    for drive in DRIVES.values():
        with a_stand() as stand:
            drive(stand)
        heard.heard += stand.recorder.heard
        heard.sites |= stand.recorder.sites
    return heard
