"""The main job, told end to end, and two ways in that meet at one session."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cancellations.writes import at
from e2e.deliveries import BUS, a_session, a_webhook
from prevail.client import Emulator
from stack import StackInfo, client
from stack.aws import pages
from trial import story
from trial.entrances import Sender, put
from trial.senders import Senders
from trial.story import Step
from trial.watch import Watch, outcome


@pytest.fixture(scope="module")
def steps(info: StackInfo, watch: Watch) -> list[Step]:
    """The story waits for the queue to be empty, so what others have left on it comes first."""
    watch.idle(within=300)
    return list(story.tell(info))


def test_every_delivery_leads_to_what_it_must(steps: list[Step]) -> None:
    assert [step for step in steps if not step.as_expected] == []


def test_the_last_line_counts_all_and_loses_none(steps: list[Step]) -> None:
    line = story.summary(steps, story.lost(steps))
    assert line == "run: 5 deliveries, 2 canceled, 1 duplicate, 1 refused, 1 rejected, 0 lost"


def test_an_event_that_comes_by_webhook_and_by_bus_is_sent_once_and_names_who_did_it(
    info: StackInfo, prevail: Emulator, watch: Watch, sender: Sender
) -> None:
    session = a_session(prevail)
    first = a_webhook(info, session)
    assert sender.post(first).status_code == 202
    assert outcome(watch.settled(first.request_id)) == "canceled"
    event, _ = put(info, Senders(info).bus_event(session, without_email=True, source=BUS))
    copy = watch.settled(event.request_id)
    assert outcome(copy) == "already_canceled"
    assert at(copy, ("outcome", "canceled_by")) == first.request_id
    assert prevail.session(session).patches == 1


def test_a_session_that_prevail_does_not_know_is_refused(
    info: StackInfo, watch: Watch, sender: Sender
) -> None:
    sent = a_webhook(info, "nobody-knows-this-one")
    sender.post(sent)
    assert outcome(watch.settled(sent.request_id)) == "refused: not_found"


@pytest.fixture(scope="module")
def written(info: StackInfo, steps: list[Step]) -> dict[str, str]:
    """All that the story, and whatever ran before it, left behind: the ledger, the functions' logs, the files."""
    assert steps
    ledger = pages(client("dynamodb", info.aws_endpoint_url), "scan", "Items", TableName=info.ledger_table)
    logs = {name: Path(file).read_text(errors="replace") for name, file in info.log_files.items()}
    return {**logs, "ledger": json.dumps(list(ledger)), "functions": "\n".join(function_logs(info))}


def function_logs(info: StackInfo) -> Iterator[str]:
    aws = client("logs", info.aws_endpoint_url)
    for group in pages(aws, "describe_log_groups", "logGroups"):
        events = pages(aws, "filter_log_events", "events", logGroupName=group["logGroupName"])
        yield from (event["message"] for event in events)


@pytest.fixture(scope="module")
def secret_values(info: StackInfo) -> list[str]:
    """Every secret of the stack, signing keys in both of their forms, and how each token begins."""
    manager = client("secretsmanager", info.aws_endpoint_url)
    names = [secret["Name"] for secret in pages(manager, "list_secrets", "SecretList")]
    stored = [json.loads(manager.get_secret_value(SecretId=name)["SecretString"]) for name in names]
    values = [value for secret in stored for value in secret.values()]
    keys = [value.removeprefix("whsec_") for value in values if value.startswith("whsec_")]
    return [*values, *keys, *(base64.b64decode(key).hex() for key in keys), "eyJ"]


def test_what_is_searched_for_secrets_speaks_of_the_requests(written: dict[str, str]) -> None:
    for place in ("ledger", "functions", "ministack"):
        assert "nobody-knows-this-one" in written[place], place


def test_no_secret_and_no_token_is_written_anywhere(
    written: dict[str, str], secret_values: list[str]
) -> None:
    assert len(secret_values) == 5
    found = [
        place for place, content in written.items() if any(secret in content for secret in secret_values)
    ]
    assert found == []
