"""What one request costs in calls, counted on the wire from the built functions. These are what it is priced by."""

from collections.abc import Mapping

import pytest

from bench import events, hosts
from bench.sandbox import Sandbox
from bench.subjects import Function, Subject
from bench.world import Told, World

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def told(around: World, ours: Mapping[Function, Subject]) -> Told:
    """One request from its webhook to its settlement, in processes that have had another one just before."""
    with Sandbox(ours["receive"], around.ports) as receive, Sandbox(ours["cancel"], around.ports) as cancel:
        for _ in range(2):
            around.forget()
            assert receive.invoke(events.webhook()).answer["statusCode"] == 202
            bodies = [call["MessageBody"] for call in around.told().sent]
            assert cancel.invoke(events.batch_of(bodies)).answer == {"batchItemFailures": []}
        return around.told()


def test_a_request_is_four_writes_one_message_and_one_patch_and_reads_nothing(told: Told) -> None:
    """The guards are read once in five seconds for each process, so not for this one; no secret is fetched."""
    assert told.calls == {"dynamodb:UpdateItem": 4, "sqs:SendMessage": 1, "prevail:PATCH": 1}


def test_a_request_opens_no_connection(told: Told) -> None:
    assert set(told.connections.values()) == {0}


def test_a_request_is_eight_units_of_writing_of_which_two_are_the_indexs(told: Told) -> None:
    """Accepting it puts it into the index `open`, settling it takes it out; its item is over 1 KB by then."""
    units = told.units[hosts.LEDGER]
    assert (units["write"], units["index"], units["read"]) == (4, 2, 0)


def test_a_message_names_its_organization_so_that_others_get_their_turn(told: Told) -> None:
    (sent,) = told.sent
    assert sent["MessageGroupId"] == events.ORGANIZATION
