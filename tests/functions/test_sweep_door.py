"""The door for the schedule, with the request of events/queue.json left lying."""

import json
from types import ModuleType

import pytest

from builders import AContext
from cancellations.domain import Request
from cancellations.errors import Unavailable
from cancellations.protocol.requests import MAX_SWEEPS, SWEEP_AFTER_S
from functions.around import Around

NOTHING = {"put_back": 0, "given_up": 0, "failed": 0}


@pytest.fixture
def lost(around: Around) -> Request:
    """A request that was stored; its message was never sent."""
    return around.accepted()


def test_a_lost_request_is_put_back_and_counted(sweep: ModuleType, around: Around, lost: Request) -> None:
    around.clock.now += SWEEP_AFTER_S[0] + 1
    assert sweep.handler({}, AContext()) == {**NOTHING, "put_back": 1}
    assert around.queue.sent == [(lost, 0)]


@pytest.mark.usefixtures("lost")
def test_what_a_sweep_did_is_a_metric(
    sweep: ModuleType, around: Around, capsys: pytest.CaptureFixture[str]
) -> None:
    around.clock.now += SWEEP_AFTER_S[0] + 1
    sweep.handler({}, AContext())
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [metric["RequestsPutBack"] for metric in metrics if "RequestsPutBack" in metric] == [[1.0]]


@pytest.mark.usefixtures("lost")
def test_a_request_that_is_on_its_way_is_left_alone(sweep: ModuleType, around: Around) -> None:
    assert sweep.handler({}, AContext()) == NOTHING
    assert around.queue.sent == []


def test_a_request_that_never_gets_on_is_given_up_without_a_call(
    sweep: ModuleType, around: Around, lost: Request
) -> None:
    done = []
    for _ in range(MAX_SWEEPS + 1):
        around.clock.now += max(SWEEP_AFTER_S) + 1
        done.append(sweep.handler({}, AContext()))
    assert done == [{**NOTHING, "put_back": 1}] * MAX_SWEEPS + [{**NOTHING, "given_up": 1}]
    assert around.settled(lost.id) == "needs_review"
    assert (around.prevail.patched, around.prevail.looks) == ([], 0)


def test_a_table_that_does_not_answer_is_an_error_of_the_function(
    sweep: ModuleType, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> None:
        raise Unavailable("the table")

    monkeypatch.setattr(around.table, "due", silent)
    with pytest.raises(Unavailable):
        sweep.handler({}, AContext())


@pytest.mark.usefixtures("lost")
def test_a_request_that_cannot_be_put_back_is_counted_and_told(
    sweep: ModuleType, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Unavailable("the queue is full")

    monkeypatch.setattr(around.queue, "send", full)
    around.clock.now += SWEEP_AFTER_S[0] + 1
    assert sweep.handler({}, AContext()) == {**NOTHING, "failed": 1}
    assert "the queue is full" in around.log.getvalue()
