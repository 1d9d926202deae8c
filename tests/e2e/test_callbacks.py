"""A source that is called back, on a stack of its own: what its receiver hears of the deployed template."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook as StandardWebhook

from builders import a_source_table, an_organization_table, some_configuration
from e2e.deliveries import a_session
from outcomes import faults_of
from prevail.client import Emulator
from receiving import Post, Receiver, receiving
from stack import StackInfo, local_stack, make_plan
from trial.entrances import Sender
from trial.senders import Senders, Webhook
from trial.watch import until

CRM, SILENT = "crm", "silent"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture(scope="module")
def info(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, receiver: Receiver
) -> Iterator[StackInfo]:
    callback = {"url": f"{receiver.url}/hooks/prevail", "secret": "crm-outcomes"}
    config = some_configuration(
        tmp_path_factory.mktemp("config"),
        organizations={"acme-legal": an_organization_table()},
        sources={CRM: a_source_table(secret=CRM, callback=callback), SILENT: a_source_table(secret=SILENT)},
    )
    with local_stack(make_plan(name=f"e2e-{os.getpid()}-callbacks", config=config)) as running:
        yield running.info
    if not request.session.testsfailed:
        shutil.rmtree(Path(running.info.log_files["supervisor"]).parent)


def posted(info: StackInfo, source: str = CRM) -> Webhook:
    session = a_session(Emulator(info.prevail_url), organization="acme-legal")
    sent = Senders(info).webhook(session, source=source)
    assert Sender(info).post(sent).status_code == 202
    return sent


def heard(receiver: Receiver, sent: Webhook, times: int = 1) -> list[Post]:
    """What was heard of a request, once it was heard so often."""

    def found() -> list[Post] | None:
        of_it = [post for post in receiver.got if sent.request_id in post[1]["webhook-id"]]
        return of_it if len(of_it) >= times else None

    return until(found, 60, f"{times} call-backs of request {sent.request_id}", pause=0.1)


def test_a_source_hears_what_became_of_what_it_asked(info: StackInfo, receiver: Receiver) -> None:
    ((path, headers, body),) = heard(receiver, posted(info))
    assert path == "/hooks/prevail"
    told = StandardWebhook(info.source(CRM).callback_secret or "").verify(body, dict(headers))
    assert told["type"] == "session.canceled"
    event = {"source": "prevail-cancellations", "detail-type": "Session Canceled", "detail": told["data"]}
    assert faults_of(event) == []


def test_a_receiver_that_failed_is_told_again_with_the_same_id(info: StackInfo, receiver: Receiver) -> None:
    receiver.statuses = [500, 204]
    first, second = heard(receiver, posted(info), times=2)
    assert first[1]["webhook-id"] == second[1]["webhook-id"]
    assert json.loads(first[2]) == json.loads(second[2])


def test_a_source_without_a_callback_is_not_called(info: StackInfo, receiver: Receiver) -> None:
    silent = posted(info, SILENT)
    heard(receiver, posted(info))  # the queue has come past it
    assert [post for post in receiver.got if silent.request_id in post[1]["webhook-id"]] == []
