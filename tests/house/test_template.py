"""template.yaml agrees with the code that it deploys, and gives each part no more than it needs."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import pytest

from cancellations import cancel, wait, wiring
from cancellations.adapters import prevail
from cancellations.adapters.aws import LONGEST_CALL_S, LONGEST_QUICK_CALL_S
from cancellations.backoff import LOOK_AFTER_S
from cancellations.errors import ConfigurationError
from cancellations.settings import Settings
from house.template import ROOT, authorization_of_routes, of_type, template
from stack import surroundings
from stack.places import SAM

FUNCTIONS = of_type("AWS::Serverless::Function")
QUEUES = of_type("AWS::SQS::Queue")
RULES = of_type("AWS::Events::Rule")
OUR_RULES = [
    {"Fn::GetAtt": "BusToQueue.Arn"},
    {"Fn::If": ["ListensOnPartnerBus", {"Fn::GetAtt": "PartnerBusToQueue.Arn"}, {"Ref": "AWS::NoValue"}]},
]
TIMEOUT = FUNCTIONS["CancelFunction"]["Timeout"]


# ── The environment and the routes ────────────────────────────────────────────────────────────────


OF_OTHERS = {
    "POWERTOOLS_SERVICE_NAME",  # the logger's
    "RES_OPTIONS",  # the C library's: its resolver
}


def test_the_functions_get_every_variable_that_is_read_and_no_other() -> None:
    given = template()["Globals"]["Function"]["Environment"]["Variables"].keys()
    for function in FUNCTIONS.values():
        assert "Environment" not in function
    assert given - OF_OTHERS == set(read())


def read() -> Iterator[str]:
    """The names that Settings asks the environment for."""
    asked: list[str] = []

    class Asked(dict[str, str]):
        def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - dict's own signature
            asked.append(key)
            return default

    with pytest.raises(ConfigurationError):
        Settings.from_env(Asked())
    assert len(set(asked)) == len(fields(Settings))
    yield from asked


def test_the_api_has_the_routes_that_the_door_answers() -> None:
    door = (ROOT / "functions" / "receive" / "app.py").read_text()
    answered = set(re.findall(r'case "([A-Z]+ /[^"]*)"', door))
    assert authorization_of_routes().keys() == answered


@pytest.mark.parametrize("route", authorization_of_routes())
def test_callers_of_requests_are_known_to_iam_and_nobody_else_need_be(route: str) -> None:
    needed = "AWS_IAM" if route.split()[1].startswith("/v1/requests") else "NONE"
    assert authorization_of_routes()[route] == needed


def test_every_function_of_the_template_is_a_door_and_every_door_is_deployed() -> None:
    doors = {f"functions/{folder.name}" for folder in (ROOT / "functions").iterdir() if folder.is_dir()}
    assert {function["CodeUri"] for function in FUNCTIONS.values()} == doors


# ── Times that must fit each other ────────────────────────────────────────────────────────────────


def test_a_message_stays_invisible_for_six_times_as_long_as_the_worker_may_take() -> None:
    assert QUEUES["Queue"]["VisibilityTimeout"] >= 6 * TIMEOUT


def test_a_lease_outlives_the_worker_and_clocks_that_differ() -> None:
    assert wiring.LEASE_S >= TIMEOUT + LOOK_AFTER_S


def test_an_attempt_fits_into_the_workers_time() -> None:
    key_and_claim = 2 * LONGEST_CALL_S
    assert key_and_claim + cancel.CALL_S + cancel.AFTERWARDS_S <= TIMEOUT


def test_recording_and_settling_fit_into_what_is_kept_for_them() -> None:
    assert cancel.AFTERWARDS_S >= 2 * LONGEST_CALL_S


def test_the_receiver_answers_before_the_gateway_gives_up() -> None:
    assert FUNCTIONS["ReceiveFunction"]["Timeout"] <= 29


def test_the_longest_wait_fits_into_the_receivers_time() -> None:
    assert FUNCTIONS["ReceiveFunction"]["Timeout"] >= wait.LONGEST_S + wait.ANSWER_S


def test_the_last_look_of_whoever_waits_leaves_time_to_answer() -> None:
    assert LONGEST_QUICK_CALL_S < wait.ANSWER_S


def test_a_call_ends_by_itself_within_what_is_counted_for_it() -> None:
    assert prevail.TOTAL_S <= cancel.CALL_S


def test_a_message_comes_five_times_before_it_is_set_aside() -> None:
    redrive = QUEUES["Queue"]["RedrivePolicy"]
    assert redrive["maxReceiveCount"] >= 5
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": "DeadLetters.Arn"}


def test_dead_letters_are_kept_for_longer_than_messages() -> None:
    kept = {name: queue["MessageRetentionPeriod"] for name, queue in QUEUES.items()}
    assert all(kept[name] > kept["Queue"] for name in kept if name != "Queue")


# ── Permissions ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Statement:
    role: str
    actions: tuple[str, ...]
    resource: str


def statements() -> list[Statement]:
    return [
        Statement(name, tuple(written["Action"]), str(written["Resource"]))
        for name, role in of_type("AWS::IAM::Role").items()
        for policy in role["Policies"]
        for written in policy["PolicyDocument"]["Statement"]
    ]


ALLOWED = statements()


def test_every_function_has_a_role_of_its_own_that_is_written_out() -> None:
    roles = [function["Role"]["Fn::GetAtt"] for function in FUNCTIONS.values()]
    assert sorted(roles) == sorted(f"{name}.Arn" for name in of_type("AWS::IAM::Role"))
    assert [name for name, role in of_type("AWS::IAM::Role").items() if "ManagedPolicyArns" in role] == []
    assert [name for name, function in FUNCTIONS.items() if "Policies" in function] == []


@pytest.mark.parametrize("statement", ALLOWED, ids=lambda s: f"{s.role}-{s.actions[0]}")
def test_actions_are_named_one_by_one_and_on_one_resource(statement: Statement) -> None:
    assert [
        action for action in statement.actions if not re.fullmatch(r"[a-z]+:[A-Z][A-Za-z]+", action)
    ] == []
    assert statement.resource != "*"


def test_nothing_may_delete_from_the_ledger() -> None:
    deleting = re.compile(r"dynamodb:(Delete|BatchWrite|PartiQL|TransactWrite)")
    assert [s for s in ALLOWED if any(deleting.match(action) for action in s.actions)] == []


@pytest.mark.parametrize(
    ("role", "does"),
    [
        ("ReceiveRole", {"dynamodb:GetItem", "dynamodb:UpdateItem"}),
        ("CancelRole", {"dynamodb:GetItem", "dynamodb:UpdateItem"}),
        ("SweepRole", {"dynamodb:UpdateItem"}),
    ],
)
def test_a_function_does_to_the_table_what_it_must_and_no_more(role: str, does: set[str]) -> None:
    on_the_table = [s for s in ALLOWED if s.role == role and s.resource == str({"Fn::GetAtt": "Ledger.Arn"})]
    assert {action for statement in on_the_table for action in statement.actions} == does


@pytest.mark.parametrize(
    ("role", "reads", "never"),
    [("ReceiveRole", "/sources/*", "/organizations/"), ("CancelRole", "/organizations/*", "/sources/")],
)
def test_a_function_reads_the_secrets_of_its_own_side_only(role: str, reads: str, never: str) -> None:
    secrets = [s.resource for s in ALLOWED if s.role == role and "secretsmanager" in s.actions[0]]
    assert len(secrets) == 1
    assert f":secret:${{SecretsPrefix}}{reads}" in secrets[0]
    assert never not in secrets[0]


# ── Queues and the bus ────────────────────────────────────────────────────────────────────────────


def policies_of(queue: str) -> list[dict[str, Any]]:
    policies = of_type("AWS::SQS::QueuePolicy").values()
    return [
        statement
        for policy in policies
        if {"Ref": queue} in policy["Queues"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_is_spoken_to_over_tls_only(queue: str) -> None:
    (denied,) = (statement for statement in policies_of(queue) if statement["Effect"] == "Deny")
    assert (denied["Principal"], denied["Action"]) == ("*", "sqs:*")
    assert denied["Resource"] == {"Fn::GetAtt": f"{queue}.Arn"}
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("queue", QUEUES)
def test_nobody_but_the_rule_may_send_by_a_queues_policy(queue: str) -> None:
    for statement in policies_of(queue):
        if statement["Effect"] == "Allow":
            assert statement["Principal"] == {"Service": "events.amazonaws.com"}
            assert statement["Action"] == "sqs:SendMessage"
            assert statement["Condition"]["ArnEquals"] == {"aws:SourceArn": OUR_RULES}


@pytest.mark.parametrize("rule", RULES)
def test_what_a_rule_cannot_deliver_is_tried_again_and_then_kept(rule: str) -> None:
    for target in RULES[rule]["Targets"]:
        assert target["RetryPolicy"]["MaximumRetryAttempts"] >= 1
        assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": "BusDeadLetters.Arn"}}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_takes_events_of_this_account_unless_told_otherwise(rule: str) -> None:
    accounts = {"Fn::If": ["TakesOtherAccounts", {"Ref": "BusAccounts"}, [{"Ref": "AWS::AccountId"}]]}
    assert RULES[rule]["EventPattern"]["account"] == accounts


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_takes_events_of_named_sources_and_kinds_only(rule: str) -> None:
    pattern = RULES[rule]["EventPattern"]
    named = {"source": {"Ref": "BusEventSources"}, "detail-type": {"Ref": "BusDetailTypes"}}
    assert {name: pattern[name] for name in named} == named


def test_other_accounts_may_put_events_of_named_sources_and_kinds_only() -> None:
    condition, policy, otherwise = of_type("AWS::Events::EventBus")["Bus"]["Policy"]["Fn::If"]
    assert (condition, otherwise) == ("TakesOtherAccounts", {"Ref": "AWS::NoValue"})
    (statement,) = policy["Statement"]
    assert statement["Principal"] == {"AWS": {"Ref": "BusAccounts"}}
    assert statement["Action"] == "events:PutEvents"
    assert statement["Condition"] == {
        "ForAllValues:StringEquals": {
            "events:source": {"Ref": "BusEventSources"},
            "events:detail-type": {"Ref": "BusDetailTypes"},
        }
    }


def test_the_worker_reports_which_messages_failed() -> None:
    messages = FUNCTIONS["CancelFunction"]["Events"]["Messages"]["Properties"]
    assert messages["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


# ── The ledger, and the template as a whole ───────────────────────────────────────────────────────


def test_the_ledger_outlives_the_stack() -> None:
    ledger = template()["Resources"]["Ledger"]
    assert (ledger["DeletionPolicy"], ledger["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.stack
def test_sam_calls_the_template_valid() -> None:
    validated = subprocess.run(
        [SAM, "validate", "--lint", "--template-file", ROOT / "template.yaml"],
        env=surroundings.for_sam(None),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert validated.returncode == 0, validated.stdout + validated.stderr
