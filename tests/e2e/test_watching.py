"""What a delivery leaves behind for whoever is on call: on the deployed stack, in its logs."""

import json
from typing import Any

import pytest

from e2e.deliveries import a_session, a_webhook
from prevail.client import Emulator
from stack import StackInfo, client
from stack.aws import pages
from trial.entrances import Sender
from trial.senders import Webhook
from trial.watch import Watch, until

NAMESPACE = "PrevailCancellations"


@pytest.fixture(scope="module")
def sent(info: StackInfo) -> Webhook:
    """A delivery that was canceled, all the way to its last line."""
    webhook = a_webhook(info, a_session(Emulator(info.prevail_url)))
    Sender(info).post(webhook)
    Watch(info).settled(webhook.request_id)
    until(lambda: {"announced", "settled"} <= {*decisions(info, webhook)} or None, 60, "its lines", pause=0.2)
    return webhook


def lines(info: StackInfo, words: str = "") -> list[str]:
    """Those of every function that hold these words, the oldest first; of each log the first 10,000."""
    logs = client("logs", info.aws_endpoint_url)
    groups = [group["logGroupName"] for group in pages(logs, "describe_log_groups", "logGroups")]
    events = [
        event
        for group in groups
        if not group.endswith("ApiLogs")
        for event in pages(
            logs,
            "filter_log_events",
            "events",
            logGroupName=group,
            filterPattern=f'"{words}"' if words else "",
        )
    ]
    return [str(event["message"]) for event in sorted(events, key=lambda event: event["timestamp"])]


def about(info: StackInfo, webhook: Webhook) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines(info, webhook.request_id)]


def decisions(info: StackInfo, webhook: Webhook) -> list[str]:
    return [line["decision"] for line in about(info, webhook) if "decision" in line]


def test_one_id_leads_from_the_delivery_to_its_outcome(info: StackInfo, sent: Webhook) -> None:
    assert sorted(decisions(info, sent)) == ["accepted", "announced", "called", "settled"]


def test_what_is_counted_is_what_the_deployed_alarms_watch(info: StackInfo, sent: Webhook) -> None:
    stack = info.bus_name  # the bus is called like the stack
    watched = {
        (alarm["MetricName"], dimension["Value"])
        for alarm in pages(client("cloudwatch", info.aws_endpoint_url), "describe_alarms", "MetricAlarms")
        if alarm["Namespace"] == NAMESPACE
        for dimension in alarm["Dimensions"]
    }
    counted = [line for line in about(info, sent) if "RequestsSettled" in line]
    assert [(line["service"], line["outcome"]) for line in counted] == [(stack, "canceled")]
    assert {("RequestsSettled", stack), ("RequestsSettled", "canceled")} <= watched


def test_no_secret_of_the_stack_and_no_word_of_the_sender_is_in_any_line(
    info: StackInfo, sent: Webhook
) -> None:
    manager = client("secretsmanager", info.aws_endpoint_url)
    names = [secret["Name"] for secret in pages(manager, "list_secrets", "SecretList")]
    stored = [json.loads(manager.get_secret_value(SecretId=name)["SecretString"]) for name in names]
    texts = [text for secret in stored for text in secret.values() if isinstance(text, str)]
    said = [sent.headers["webhook-signature"], json.loads(sent.body)["data"].get("reason", "")]
    logged = "\n".join(lines(info))
    assert texts != []
    assert [text for text in (*texts, *filter(None, said)) if text in logged] == []
    assert "eyJ" not in logged
