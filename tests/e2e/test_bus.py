"""The bus: what the rule lets through, and what becomes of an event that can never succeed."""

from collections.abc import Iterator

import pytest

from cancellations.domain import idempotency_key
from e2e.deliveries import BUS, a_session, an_event, put
from prevail.client import Emulator
from stack import StackInfo, client
from stack.aws import pages
from trial.watch import Watch, outcome, until


def request_of(info: StackInfo, session: str) -> str:
    (organization,) = info.source(BUS).organizations
    return idempotency_key(organization, BUS, session)


@pytest.fixture(autouse=True)
def emptied(info: StackInfo, watch: Watch) -> Iterator[None]:
    """Takes away what a test leaves in flight; it would come again after six minutes, among other tests."""
    watch.idle()
    yield
    client("sqs", info.aws_endpoint_url).purge_queue(QueueUrl=info.queue_url)


@pytest.mark.parametrize(
    "changes",
    [
        {"Source": "com.example.other"},
        {"DetailType": "DepositionScheduled"},
        {"Source": "com.example.CRM"},
        {"EventBusName": "default"},
    ],
    ids=["source", "detail-type", "case", "bus"],
)
def test_an_event_of_something_else_never_reaches_the_queue(
    changes: dict[str, str], info: StackInfo, prevail: Emulator, watch: Watch
) -> None:
    wrong, good = a_session(prevail), a_session(prevail)
    put(info, an_event(info, wrong, **changes))
    put(info, an_event(info, good))
    watch.settled(request_of(info, good))
    watch.idle()
    assert watch.request(request_of(info, wrong)) is None
    assert prevail.session(wrong).patches == 0


def test_a_malformed_event_is_not_acknowledged_and_its_neighbours_settle(
    info: StackInfo, prevail: Emulator, watch: Watch
) -> None:
    neighbours = [a_session(prevail), a_session(prevail)]
    before, refused = prevail.totals(), times_refused(info)
    put(info, an_event(info, neighbours[0]), an_event(info, None), an_event(info, neighbours[1]))
    for session in neighbours:
        assert outcome(watch.settled(request_of(info, session))) == "canceled"
    until(lambda: times_refused(info) > refused or None, 30, "the malformed event to be refused")
    until(lambda: watch.messages(info.queue_url) == 1 or None, 30, "the neighbours to be acknowledged")
    assert in_flight(info) == 1
    assert prevail.totals().patches == before.patches + len(neighbours)
    assert watch.dead_letters() == 0


def in_flight(info: StackInfo) -> int:
    name = "ApproximateNumberOfMessagesNotVisible"
    asked = client("sqs", info.aws_endpoint_url).get_queue_attributes(
        QueueUrl=info.queue_url, AttributeNames=[name]
    )
    return int(asked["Attributes"][name])


def times_refused(info: StackInfo) -> int:
    """How often the worker's log says that a message is malformed and comes again."""
    logs = client("logs", info.aws_endpoint_url)
    groups = [group["logGroupName"] for group in pages(logs, "describe_log_groups", "logGroups")]
    (worker,) = (name for name in groups if name.endswith("CancelLogs"))
    events = pages(logs, "filter_log_events", "events", logGroupName=worker)
    return sum('"comes again"' in e["message"] and '"Malformed"' in e["message"] for e in events)
