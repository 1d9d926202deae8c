"""On the deployed stack: nobody waits for another's fault, nor longer than Prevail asks for."""

import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

import pytest

from cancellations.protocol.claiming import RESTORED_AFTER_S
from cancellations.protocol.conditions import key_of_session
from cancellations.protocol.guards import guard_key
from e2e.deliveries import a_session, a_webhook, an_event, put
from prevail.client import Emulator
from prevail.switch import Value
from stack import StackInfo, client
from trial.calling import Caller
from trial.entrances import Sender
from trial.gallery import Ask
from trial.senders import Webhook
from trial.watch import Watch, outcome

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ORGANIZATION = "example-legal"

BEFORE: Mapping[str, Value] = {
    "rate_limit_per_s": 0,
    "rate_limit_retry_after": "seconds",
    "rate_limited": 429,
}


@pytest.fixture(scope="module", autouse=True)
def warm(info: StackInfo, prevail: Emulator, watch: Watch) -> None:
    """The functions have begun: what is waited for below is no start."""
    (first,) = sent(info, Sender(info), [a_session(prevail)])
    watch.settled(first.request_id, within=60)


@pytest.fixture(autouse=True)
def calm(info: StackInfo, prevail: Emulator, watch: Watch) -> Iterator[None]:
    """No fault, no limit and no guard is left to the next test."""
    yield
    prevail.put_faults()
    prevail.put_switches(**BEFORE)
    table = cast("DynamoDBClient", client("dynamodb", info.aws_endpoint_url))
    table.delete_item(TableName=info.ledger_table, Key={"pk": {"S": guard_key(ORGANIZATION)}})
    watch.idle(within=60)


def sent(info: StackInfo, sender: Sender, sessions: list[str]) -> list[Webhook]:
    webhooks = [a_webhook(info, session) for session in sessions]
    for one in webhooks:
        sender.post(one)
    return webhooks


@pytest.mark.parametrize("fault", ["401", "redirect-302-other"])
def test_eight_sessions_in_trouble_of_their_own_hold_up_no_ninth(
    info: StackInfo, prevail: Emulator, sender: Sender, watch: Watch, fault: str
) -> None:
    troubled = [a_session(prevail) for _ in range(8)]
    for session in troubled:
        prevail.add_fault(fault, session=session, method="PATCH")
    sent(info, sender, troubled)
    (good,) = sent(info, sender, [a_session(prevail)])
    assert outcome(watch.settled(good.request_id)) == "canceled"


def test_sessions_that_are_each_told_to_wait_once_are_canceled_soon(
    info: StackInfo, prevail: Emulator, sender: Sender, watch: Watch
) -> None:
    sessions = [a_session(prevail) for _ in range(28)]
    for session in sessions:
        prevail.add_fault("429-seconds-2", session=session, method="PATCH", count=1)
    webhooks = sent(info, sender, sessions)
    assert {outcome(watch.settled(one.request_id, within=120)) for one in webhooks} == {"canceled"}
    assert {prevail.session(session).patches for session in sessions} == {2}


@pytest.mark.parametrize("limit", [(429, "seconds"), (503, "seconds")])
def test_a_limit_of_one_a_second_is_kept_with_few_calls_in_vain(
    info: StackInfo, prevail: Emulator, sender: Sender, watch: Watch, limit: tuple[int, str]
) -> None:
    status, form = limit
    prevail.put_switches(rate_limit_per_s=1, rate_limit_retry_after=form, rate_limited=status)
    sessions = [a_session(prevail) for _ in range(15)]
    webhooks = sent(info, sender, sessions)
    assert {outcome(watch.settled(one.request_id, within=180)) for one in webhooks} == {"canceled"}
    assert sum(prevail.session(session).patches for session in sessions) < 3 * len(sessions)


def test_the_second_of_two_copies_settles_within_seconds(
    info: StackInfo, prevail: Emulator, sender: Sender, watch: Watch
) -> None:
    session = a_session(prevail)
    (webhook,) = sent(info, sender, [session])
    put(info, an_event(info, session))
    (copy,) = sent(info, sender, [session])
    found = {outcome(watch.settled(one.request_id, within=30)) for one in (webhook, copy)}
    assert found <= {"canceled", "already_canceled"}
    watch.idle()
    assert prevail.session(session).patches == 1


def test_many_refused_requests_for_one_session_are_few_calls_and_close_it_for_nobody(
    info: StackInfo, prevail: Emulator, sender: Sender, watch: Watch
) -> None:
    session = a_session(prevail, "active")
    refused, before = sent(info, sender, [session] * 100), watch.dead_letters()
    assert {outcome(watch.settled(one.request_id, within=60)) for one in refused} == {"refused: wrong_state"}
    calls = prevail.session(session).patches
    assert calls < 30
    prevail.put_session(session, organization=ORGANIZATION, state="ready")
    (good,) = sent(info, sender, [session])
    assert outcome(watch.settled(good.request_id)) == "canceled"
    assert watch.dead_letters() == before


def as_long_ago(info: StackInfo, session: str, seconds: float) -> None:
    """As if the session had been canceled so long ago."""
    table = cast("DynamoDBClient", client("dynamodb", info.aws_endpoint_url))
    table.update_item(
        TableName=info.ledger_table,
        Key={"pk": {"S": key_of_session(ORGANIZATION, session)}},
        UpdateExpression="SET canceled_at = canceled_at - :ago",
        ExpressionAttributeValues={":ago": {"N": str(seconds)}},
    )


def put_back(info: StackInfo, prevail: Emulator, sender: Sender, watch: Watch) -> str:
    """A session that was canceled, and is ready again at Prevail sixteen minutes later."""
    session = a_session(prevail)
    (first,) = sent(info, sender, [session])
    watch.settled(first.request_id)
    as_long_ago(info, session, RESTORED_AFTER_S + 60)
    prevail.put_session(session, organization=ORGANIZATION, state="ready")
    return session


def test_a_session_that_was_put_back_is_for_a_person(
    info: StackInfo, prevail: Emulator, sender: Sender, watch: Watch
) -> None:
    session = put_back(info, prevail, sender, watch)
    (again,) = sent(info, sender, [session])
    assert outcome(watch.settled(again.request_id)) == "needs_review: session_restored"
    assert prevail.session(session).state == "ready"


def test_an_operator_cancels_a_session_that_was_put_back(
    info: StackInfo, prevail: Emulator, sender: Sender, watch: Watch
) -> None:
    session = put_back(info, prevail, sender, watch)
    fields = {"organization": ORGANIZATION, "remote_session_id": session, "cancel_without_email": True}
    answer = Caller.of_stack(info).ask(Ask(uuid.uuid4().hex, fields))
    assert outcome(watch.settled(answer.json()["id"])) == "canceled"
    assert prevail.session(session).state == "canceled"
