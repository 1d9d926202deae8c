"""A deployment's life: changed under traffic, failed and rolled back, put back, deleted, deployed anew.

One stack goes through all of it, in this order; each fixture is the next thing that happens to it. ministack stops what
an updated function is doing, where AWS lets it end: so more comes again here than would there.
"""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cancellations.writes import text
from e2e.deliveries import CRM, a_session, a_webhook
from e2e.hurry import Hurry
from e2e.lifecycle.releases import MARK, Release, changed, never_ready, present
from e2e.lifecycle.traffic import Traffic, traffic
from e2e.quiet import come_again_soon, function, until_quiet
from prevail.client import Emulator
from stack import StackInfo, client, deploy, local_stack, make_plan
from stack.aws import pages
from trial.calling import Caller
from trial.entrances import Sender
from trial.senders import Webhook
from trial.watch import Watch, outcome, until

POSTS = 500
QUIET_WITHIN_S = 300.0
ANOTHER = "prevail-cancellations-anew"


@pytest.fixture(scope="module")
def info(request: pytest.FixtureRequest) -> Iterator[StackInfo]:
    with local_stack(make_plan(name=f"e2e-{os.getpid()}-lifecycle")) as running:
        come_again_soon(running.info)
        yield running.info
    if not request.session.testsfailed:
        shutil.rmtree(Path(running.info.log_files["supervisor"]).parent)


@pytest.fixture(scope="module")
def first(info: StackInfo, tmp_path_factory: pytest.TempPathFactory) -> Release:
    return present(info, tmp_path_factory.mktemp("first") / "build")


@pytest.fixture(scope="module")
def second(info: StackInfo, first: Release, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Calls Prevail by another name of the same place."""
    by_name = info.prevail_url.replace("127.0.0.1", "localhost")
    return changed(first, tmp_path_factory.mktemp("second") / "build", "second", PrevailUrl=by_name)


@dataclass(frozen=True, slots=True)
class Kept:
    """A delivery that was taken and settled."""

    sent: Webhook
    release: str


def settled_one(info: StackInfo) -> Kept:
    session = a_session(Emulator(info.prevail_url))
    sent = a_webhook(info, session)
    answer = Sender(info).post(sent)
    assert answer.status_code == 202
    assert outcome(Watch(info).settled(sent.request_id, within=60)) == "canceled"
    return Kept(sent, answer.headers.get(MARK, "first"))


def variables(info: StackInfo, resource: str) -> dict[str, str]:
    found = client("lambda", info.aws_endpoint_url).get_function(FunctionName=function(info, resource))
    answer: dict[str, str] = found["Configuration"]["Environment"]["Variables"]
    return answer


# ── Changed under traffic ─────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def before(info: StackInfo) -> Kept:
    return settled_one(info)


@pytest.fixture(scope="module")
def updated(info: StackInfo, before: Kept, second: Release) -> Traffic:
    assert before.release == "first"
    with traffic(info, POSTS) as during:
        until(lambda: during.taken > POSTS // 10 or None, 120, "the traffic to flow")
        assert second.to(info)
        at_the_end = during.by["second"] + POSTS // 10
        until(lambda: during.by["second"] > at_the_end or None, 120, "the new release to take some")
    until_quiet(info, QUIET_WITHIN_S)
    return during


def test_both_releases_take_deliveries_while_one_replaces_the_other(updated: Traffic) -> None:
    assert set(updated.by) == {"first", "second"}
    assert updated.by.total() == updated.taken


def test_no_delivery_is_lost_in_an_update(info: StackInfo, updated: Traffic) -> None:
    watch = Watch(info)
    became = Counter(outcome(watch.request(sent.request_id)) for sent in updated.sent)
    assert updated.taken == len(updated.sent) >= POSTS
    assert became == {"canceled": updated.taken}
    assert watch.dead_letters() == 0


def test_no_session_is_changed_or_mailed_twice_in_an_update(info: StackInfo, updated: Traffic) -> None:
    named = {sent.requests[0].remote_session_id for sent in updated.sent}
    seen = [one for one in Emulator(info.prevail_url).sessions() if one.remote_session_id in named]
    assert Counter((one.state_changes, one.emails) for one in seen) == {(1, 0): len(updated.sent)}


def test_a_changed_parameter_reaches_the_functions(info: StackInfo, updated: Traffic) -> None:
    assert updated.taken
    urls = {variables(info, each)["PREVAIL_URL"] for each in ("ReceiveFunction", "CancelFunction")}
    assert urls == {info.prevail_url.replace("127.0.0.1", "localhost")}


# ── Failed ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def failed(
    info: StackInfo, updated: Traffic, first: Release, tmp_path_factory: pytest.TempPathFactory
) -> Kept:
    """After a deployment that fails when all functions have been changed already."""
    assert updated.taken
    third = changed(first, tmp_path_factory.mktemp("third") / "build", "third")
    assert not never_ready(third).to(info)
    return settled_one(info)


def test_after_a_deployment_that_fails_the_release_before_serves(info: StackInfo, failed: Kept) -> None:
    assert failed.release == "second"
    assert variables(info, "CancelFunction")["PREVAIL_URL"].startswith("http://localhost")


def test_the_failed_deployment_is_rolled_back(info: StackInfo, failed: Kept) -> None:
    assert failed
    formation = client("cloudformation", info.aws_endpoint_url)
    (stack,) = formation.describe_stacks(StackName=deploy.local_settings()["stack_name"])["Stacks"]
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


# ── Put back ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def put_back(info: StackInfo, failed: Kept, first: Release) -> Kept:
    """After the release before was deployed again."""
    assert failed
    assert first.to(info)
    return settled_one(info)


def test_the_release_before_can_be_deployed_again(put_back: Kept) -> None:
    assert put_back.release == "first"


def test_it_finds_what_every_release_has_recorded(
    info: StackInfo, before: Kept, updated: Traffic, failed: Kept, put_back: Kept
) -> None:
    caller = Caller.of_stack(info)
    of_all = (before.sent, updated.sent[-1], failed.sent, put_back.sent)
    assert [caller.found(sent.request_id).json()["status"] for sent in of_all] == ["canceled"] * 4


def test_a_copy_of_what_another_release_has_done_does_nothing(
    info: StackInfo, failed: Kept, put_back: Kept
) -> None:
    assert (failed.release, put_back.release) == ("second", "first")
    again = Sender(info).post(failed.sent)
    assert (again.status_code, again.json()["status"]) == (202, "canceled")
    assert again.headers["idempotent-replayed"] == "true"
    Watch(info).idle()
    assert Emulator(info.prevail_url).session(failed.sent.requests[0].remote_session_id).patches == 1


# ── Deleted, and deployed anew ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Ledger:
    """A table of the account, with its items as the wire has them."""

    arn: str
    items: dict[str, object]

    @classmethod
    def now(cls, info: StackInfo) -> "Ledger":
        table = client("dynamodb", info.aws_endpoint_url).describe_table(TableName=info.ledger_table)["Table"]
        return cls(table["TableArn"], {row["pk"]["S"]: row for row in Hurry(info).rows()})


@pytest.fixture(scope="module")
def deleted(info: StackInfo, put_back: Kept) -> Ledger:
    """The ledger as it was when the stack was deleted."""
    assert put_back
    until_quiet(info, QUIET_WITHIN_S)
    ledger, formation = Ledger.now(info), client("cloudformation", info.aws_endpoint_url)
    name = deploy.local_settings()["stack_name"]
    stack_id = formation.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
    formation.delete_stack(StackName=name)

    def gone() -> bool | None:
        (stack,) = formation.describe_stacks(StackName=stack_id)["Stacks"]
        return stack["StackStatus"] == "DELETE_COMPLETE" or None

    until(gone, 120, "the stack to be deleted", pause=0.2)
    return ledger


def test_a_deleted_stack_leaves_its_ledger_with_every_item(info: StackInfo, deleted: Ledger) -> None:
    assert len(deleted.items) > 2 * POSTS
    assert Ledger.now(info) == deleted


def test_nothing_else_of_it_works_on(info: StackInfo, deleted: Ledger) -> None:
    assert deleted
    aws = info.aws_endpoint_url
    assert list(pages(client("lambda", aws), "list_functions", "Functions")) == []
    assert client("sqs", aws).list_queues().get("QueueUrls", []) == []


@pytest.fixture(scope="module")
def anew(info: StackInfo, deleted: Ledger, first: Release) -> StackInfo:
    """Another deployment, of another name: ministack gives the resources of one name the same names again."""
    assert deleted
    assert first.to(info, ANOTHER)
    outputs = deploy.outputs(info.aws_endpoint_url, ANOTHER)
    return replace(
        info,
        api_url=f"{info.aws_endpoint_url}/_aws/execute-api/{outputs['ApiId']}/$default",
        ledger_table=outputs["LedgerTable"],
        queue_url=outputs["QueueUrl"],
        dead_letter_queue_url=outputs["DeadLetterQueueUrl"],
        bus_dead_letter_queue_url=outputs["BusDeadLetterQueueUrl"],
    )


def test_a_new_deployment_begins_a_ledger_of_its_own(info: StackInfo, anew: StackInfo) -> None:
    assert anew.ledger_table != info.ledger_table
    one = settled_one(anew)
    assert set(Ledger.now(anew).items) == {
        f"REQUEST#{one.sent.request_id}",
        f"SESSION#example-legal#{one.sent.requests[0].remote_session_id}",
    }


def test_it_leaves_the_ledger_before_as_it_is(info: StackInfo, anew: StackInfo, deleted: Ledger) -> None:
    assert anew.source(CRM)
    assert Ledger.now(info) == deleted


def test_what_the_ledger_before_knows_is_canceled_at_prevail_and_not_again(
    anew: StackInfo, put_back: Kept
) -> None:
    """A new ledger knows of nothing: it is Prevail then that refuses a second effect."""
    assert Sender(anew).post(put_back.sent).status_code == 202
    item = Watch(anew).settled(put_back.sent.request_id, within=60)
    seen = Emulator(anew.prevail_url).session(put_back.sent.requests[0].remote_session_id)
    assert (text(item, "status"), seen.state_changes) == ("already_canceled", 1)
