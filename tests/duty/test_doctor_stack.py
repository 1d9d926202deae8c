"""`cancelctl doctor --stack`: what only a stack tells, its functions, bus and queues, as moto plays CloudFormation."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builders import a_bus_table, a_source_table, some_configuration
from duty.site import ACME, PREFIX, TABLE, Ended, Site, client, lines
from trial.gallery.files import CONFIG
from wire_server import says, wire_server

STACK = "prevail-cancellations-dev"
HEALTHY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
OURS = {"source": ["com.acme.crm"], "detail-type": ["DepositionCanceled"], "account": ["123456789012"]}


def a_template(api_url: str) -> dict[str, Any]:
    """The parts of template.yaml that are looked at."""
    assume = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    texts = (
        *("SecretsPrefix", "PrevailUrl", "ConfigLayerArn", "PublicKeyLayerArn", "PartnerBusName"),
        "LedgerDeletionProtection",
    )
    return {
        "Parameters": {name: {"Type": "String", "Default": ""} for name in texts},
        "Resources": {
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "Properties": {
                    "RedrivePolicy": {
                        "deadLetterTargetArn": {"Fn::GetAtt": ["DeadLetters", "Arn"]},
                        "maxReceiveCount": 5,
                    }
                },
            },
            "DeadLetters": {"Type": "AWS::SQS::Queue"},
            "BusDeadLetters": {"Type": "AWS::SQS::Queue"},
            "SweepDeadLetters": {"Type": "AWS::SQS::Queue"},
            "AnnounceDeadLetters": {"Type": "AWS::SQS::Queue"},
            "CallbackDeadLetters": {"Type": "AWS::SQS::Queue"},
            "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": STACK}},
            "BusToQueue": {
                "Type": "AWS::Events::Rule",
                "DependsOn": "Bus",
                "Properties": {"EventBusName": STACK, "Name": "to-queue", "EventPattern": OURS},
            },
            "CancelRole": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [assume]},
                },
            },
            "CancelFunction": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": "cancel",
                    "Runtime": "python3.13",
                    "Handler": "app.handler",
                    "Role": {"Fn::GetAtt": ["CancelRole", "Arn"]},
                    "Code": {"ZipFile": "handler = print"},
                },
            },
            "CancelFunctionMessages": {
                "Type": "AWS::Lambda::EventSourceMapping",
                "Properties": {
                    "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
                    "FunctionName": {"Ref": "CancelFunction"},
                },
            },
        },
        "Outputs": {
            "ApiUrl": {"Value": api_url},
            "BusName": {"Value": STACK},
            "LedgerTable": {"Value": TABLE},
            "QueueUrl": {"Value": {"Ref": "Queue"}},
            "DeadLetterQueueUrl": {"Value": {"Ref": "DeadLetters"}},
            "BusDeadLetterQueueUrl": {"Value": {"Ref": "BusDeadLetters"}},
            "SweepDeadLetterQueueUrl": {"Value": {"Ref": "SweepDeadLetters"}},
            "AnnounceDeadLetterQueueUrl": {"Value": {"Ref": "AnnounceDeadLetters"}},
            "CallbackDeadLetterQueueUrl": {"Value": {"Ref": "CallbackDeadLetters"}},
        },
    }


@pytest.fixture
def deployed(site: Site) -> Iterator[Site]:
    some_configuration(site.config, sources={"acme": a_source_table(), "crm": a_bus_table()})
    with wire_server(says(HEALTHY)) as api:
        create(a_template(api.url), SecretsPrefix=PREFIX, PrevailUrl=site.emulator.url)
        yield site


def create(template: dict[str, Any], **parameters: str) -> None:
    client("cloudformation").create_stack(
        StackName=STACK,
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    )


def doctor(site: Site) -> Ended:
    return site.cancelctl("doctor", "--stack", STACK, "--config", str(site.config))


def failures(site: Site) -> list[str]:
    ended = doctor(site)
    found = lines(ended, "failed")
    assert ended.code == (1 if found else 0), ended.stdout + ended.stderr
    return [line.removeprefix("failed").strip() for line in found]


def the_failure(site: Site) -> str:
    (found,) = failures(site)
    return found


def output(name: str) -> str:
    (stack,) = client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return next(str(one["OutputValue"]) for one in stack["Outputs"] if one["OutputKey"] == name)


def test_a_stack_tells_where_everything_is_and_nothing_is_left_out(deployed: Site) -> None:
    ended = doctor(deployed)
    assert lines(ended, "failed", "skipped") == []
    told = "\n".join(lines(ended, "ok"))
    for part in (
        "health: ",
        "source crm: a rule",
        "CancelFunction: is Active",
        "redrive: ",
        "bus dead letters: none",
    ):
        assert part in told


def test_a_session_is_asked_after_by_the_stack_alone(deployed: Site) -> None:
    deployed.emulator.put_session("s1", organization=ACME, state="canceled")
    ended = deployed.cancelctl("state", ACME, "s1", "--stack", STACK, "--config", str(deployed.config))
    assert ended.code == 0, ended.stderr


def test_a_stack_that_is_none_of_ours_is_refused(site: Site) -> None:
    template = a_template("https://example.com")
    del template["Outputs"]["LedgerTable"]
    create(template)
    ended = doctor(site)
    assert (ended.code, ended.stdout) == (2, "")
    assert "it has no output LedgerTable" in ended.stderr


def test_it_changes_nothing(deployed: Site) -> None:
    doctor(deployed)
    assert len(set(deployed.operations)) >= 12
    assert deployed.wrote() == []


# ── Functions ─────────────────────────────────────────────────────────────────────────────────────


def test_a_mapping_that_was_disabled_failed_since_nobody_takes_messages(deployed: Site) -> None:
    functions = client("lambda")
    (mapping,) = functions.list_event_source_mappings()["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    found = the_failure(deployed)
    assert "nobody takes messages off the queue" in found
    assert f"update-event-source-mapping --uuid {mapping['UUID']} --enabled" in found


def test_a_function_that_may_run_nowhere_is_found(deployed: Site) -> None:
    client("lambda").put_function_concurrency(FunctionName="cancel", ReservedConcurrentExecutions=0)
    assert "CancelFunction: may run nowhere" in the_failure(deployed)


def test_a_door_that_does_not_answer_is_found(site: Site) -> None:
    with wire_server(says(HEALTHY)) as gone:
        pass
    create(a_template(gone.url), SecretsPrefix=PREFIX, PrevailUrl=site.emulator.url)
    assert the_failure(site).startswith("health: nothing answers at")


# ── The bus ───────────────────────────────────────────────────────────────────────────────────────


def test_a_rule_that_was_disabled_is_found_and_whose_events_are_lost(deployed: Site) -> None:
    client("events").disable_rule(Name="to-queue", EventBusName=STACK)
    assert [found.split(":")[0] for found in failures(deployed)] == ["rule to-queue", "source crm"]


@pytest.mark.parametrize(
    "bus", [{"detail_type": "Other"}, {"source": "com.other"}, {"account": "999988887777"}]
)
def test_a_source_whose_events_no_rule_lets_through_is_found(deployed: Site, bus: dict[str, str]) -> None:
    match = {"source": "com.acme.crm", "detail_type": "DepositionCanceled", **bus}
    some_configuration(deployed.config, sources={"acme": a_source_table(), "crm": a_bus_table(bus=match)})
    found = the_failure(deployed)
    assert found.startswith("source crm: no rule in force lets")
    assert "BusEventSources" in found


# ── Queues ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "said", "fix"),
    [
        ("DeadLetterQueueUrl", "dead letters", "aws sqs start-message-move-task --source-arn arn:aws:sqs:"),
        ("BusDeadLetterQueueUrl", "bus dead letters", "send them again"),
        ("AnnounceDeadLetterQueueUrl", "announce dead letters", "outcomes that nobody was told"),
        ("CallbackDeadLetterQueueUrl", "callback dead letters", "start-message-move-task --source-arn"),
    ],
)
def test_dead_letters_failed_with_what_becomes_of_them(
    deployed: Site, name: str, said: str, fix: str
) -> None:
    client("sqs").send_message(QueueUrl=output(name), MessageBody="{}")
    found = the_failure(deployed)
    assert found.startswith(f"{said}: 1 messages")
    assert fix in found


def test_what_failed_sweeps_left_is_warned_of_alone(deployed: Site) -> None:
    client("sqs").send_message(QueueUrl=output("SweepDeadLetterQueueUrl"), MessageBody="{}")
    ended = doctor(deployed)
    assert ended.code == 0
    assert any("sweep dead letters: 1 messages" in line for line in lines(ended, "warning"))


def test_a_queue_that_nobody_works_off_is_warned_of_by_the_age_of_the_oldest(deployed: Site) -> None:
    url = output("QueueUrl")
    client("sqs").send_message(
        QueueUrl=url, MessageBody="{}", DelaySeconds=900
    )  # else moto looks for a container
    client("cloudwatch").put_metric_data(
        Namespace="AWS/SQS",
        MetricData=[
            {
                "MetricName": "ApproximateAgeOfOldestMessage",
                "Dimensions": [{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
                "Timestamp": datetime.now(UTC) - timedelta(minutes=2),
                "Value": 7300.0,
            }
        ],
    )
    (warned,) = (line for line in lines(doctor(deployed), "warning") if "queue:" in line)
    assert "0 waiting, 1 put off, 0 being worked on; the oldest for 2 h" in warned


def test_a_queue_without_dead_letters_failed(deployed: Site) -> None:
    client("sqs").set_queue_attributes(QueueUrl=output("QueueUrl"), Attributes={"RedrivePolicy": ""})
    assert the_failure(deployed).startswith("redrive: the queue has no dead-letter queue")


# ── What it was deployed with ─────────────────────────────────────────────────────────────────────


def test_public_keys_without_their_layer_failed(site: Site) -> None:
    shutil.copy(CONFIG / "keys.json", site.config)
    table = a_source_table(verify="jwt", jwt={"algorithm": "ES256", "jwks": "keys.json"})
    del table["secret"]
    some_configuration(site.config, sources={"acme": table})
    with wire_server(says(HEALTHY)) as api:
        create(a_template(api.url), SecretsPrefix=PREFIX, PrevailUrl=site.emulator.url)
        found = the_failure(site)
    assert found.startswith("PublicKeyLayerArn: is empty, and acme cannot be verified")


@pytest.mark.parametrize(("wanted", "status"), [("true", "warning"), ("false", "ok")])
def test_a_ledger_without_protection_is_warned_of_where_it_should_have_it(
    site: Site, wanted: str, status: str
) -> None:
    client("dynamodb").update_table(TableName=TABLE, DeletionProtectionEnabled=False)
    with wire_server(says(HEALTHY)) as api:
        create(
            a_template(api.url),
            SecretsPrefix=PREFIX,
            PrevailUrl=site.emulator.url,
            LedgerDeletionProtection=wanted,
        )
        told = lines(doctor(site), status)
    assert any("deletion protection: is off" in line for line in told)
