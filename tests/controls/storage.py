"""What is kept: queues, the ledger, and the key that all of it is encrypted with."""

from collections.abc import Iterator

from controls.deployed import Properties, Stack

type Faults = Iterator[str]

FORTNIGHT_S = 1_209_600
"""As long as SQS keeps a message at most."""


def policies_of(stack: Stack, queue: str) -> list[Properties]:
    return [
        statement
        for policy in stack.of_type("AWS::SQS::QueuePolicy").values()
        if f"<{queue}>" in policy["Queues"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


# ── Queues ────────────────────────────────────────────────────────────────────────────────────────


def queues_are_spoken_to_over_tls_only(stack: Stack) -> Faults:
    needed = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    for queue in stack.queues:
        denied = needed | {"Resource": f"<{queue}.Arn>"}
        without_sid = ({k: v for k, v in s.items() if k != "Sid"} for s in policies_of(stack, queue))
        if denied not in without_sid:
            yield queue


def nobody_sends_by_a_queues_policy_but_our_bus(stack: Stack) -> Faults:
    ours = {
        f"<{name}.Arn>" for kind in ("Rule", "EventBus") for name in stack.of_type(f"AWS::Events::{kind}")
    }
    for queue in stack.queues:
        for statement in policies_of(stack, queue):
            if statement["Effect"] != "Allow":
                continue
            sources = statement.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn", [])
            what = (statement["Principal"], statement["Action"], statement["Resource"])
            exact = what == ({"Service": "events.amazonaws.com"}, "sqs:SendMessage", f"<{queue}.Arn>")
            if not exact or not sources or not set(sources) <= ours:
                yield f"{queue}: {statement['Principal']} may {statement['Action']}"


def queues_are_encrypted(stack: Stack) -> Faults:
    for name, queue in stack.queues.items():
        if not queue.get("KmsMasterKeyId") and queue.get("SqsManagedSseEnabled") is not True:
            yield name


def a_message_stays_invisible_for_six_times_the_workers_time(stack: Stack) -> Faults:
    for function, queue, _ in stack.fed_by_queues():
        hidden, timeout = (
            stack.queues[queue].get("VisibilityTimeout", 30),
            stack.functions[function].get("Timeout", 3),
        )
        if hidden < 6 * timeout:
            yield f"{queue}: {hidden} s for {function}'s {timeout} s"


def a_message_comes_five_times_before_it_is_set_aside(stack: Stack) -> Faults:
    for _, queue, _ in stack.fed_by_queues():
        redrive = stack.queues[queue].get("RedrivePolicy", {})
        if redrive.get("maxReceiveCount", 0) < 5 or not redrive.get("deadLetterTargetArn"):
            yield queue


def dead_letters_are_kept_for_a_fortnight(stack: Stack) -> Faults:
    for name, queue in stack.queues.items():
        is_read = name in {source for _, source, _ in stack.fed_by_queues()}
        if not is_read and queue.get("MessageRetentionPeriod") != FORTNIGHT_S:
            yield name


def queues_take_dead_letters_of_named_queues_only(stack: Stack) -> Faults:
    for name, queue in stack.queues.items():
        allowed = queue.get("RedriveAllowPolicy", {})
        match allowed.get("redrivePermission"):
            case "denyAll":
                continue
            case "byQueue" if allowed.get("sourceQueueArns"):
                continue
        yield name


# ── The ledger ────────────────────────────────────────────────────────────────────────────────────


def tables(stack: Stack) -> dict[str, Properties]:
    return stack.of_type("AWS::DynamoDB::Table")


def the_ledger_can_be_taken_back_to_any_second(stack: Stack) -> Faults:
    for name, table in tables(stack).items():
        if table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled") is not True:
            yield name


def the_ledger_refuses_to_be_deleted(stack: Stack) -> Faults:
    yield from (n for n, table in tables(stack).items() if table.get("DeletionProtectionEnabled") is not True)


def the_ledger_outlives_the_stack(stack: Stack) -> Faults:
    for name in tables(stack):
        kept = {stack.resources[name].get(policy) for policy in ("DeletionPolicy", "UpdateReplacePolicy")}
        if kept != {"Retain"}:
            yield name


def the_ledger_forgets_what_expired(stack: Stack) -> Faults:
    for name, table in tables(stack).items():
        if table.get("TimeToLiveSpecification", {}).get("Enabled") is not True:
            yield name


def the_ledger_takes_any_load_in_one_region(stack: Stack) -> Faults:
    yield from (n for n, table in tables(stack).items() if table.get("BillingMode") != "PAY_PER_REQUEST")
    yield from stack.of_type("AWS::DynamoDB::GlobalTable")


# ── Encryption ────────────────────────────────────────────────────────────────────────────────────


def the_ledger_is_encrypted_with_our_key(stack: Stack) -> Faults:
    for name, table in tables(stack).items():
        used = table.get("SSESpecification", {})
        if not used.get("SSEEnabled") or used.get("KMSMasterKeyId") != (
            _key(stack) or used.get("KMSMasterKeyId")
        ):
            yield name


def queues_are_encrypted_with_our_key(stack: Stack) -> Faults:
    yield from _otherwise(stack, "AWS::SQS::Queue", "KmsMasterKeyId")


def logs_are_encrypted_with_our_key(stack: Stack) -> Faults:
    yield from _otherwise(stack, "AWS::Logs::LogGroup", "KmsKeyId")


def environments_are_encrypted_with_our_key(stack: Stack) -> Faults:
    yield from _otherwise(stack, "AWS::Lambda::Function", "KmsKeyArn")


def the_bus_is_encrypted_with_our_key(stack: Stack) -> Faults:
    yield from _otherwise(stack, "AWS::Events::EventBus", "KmsKeyIdentifier")
    for name, bus in stack.of_type("AWS::Events::EventBus").items():
        if bus.get("KmsKeyIdentifier") and not bus.get("DeadLetterConfig"):
            yield f"{name}: what it cannot decrypt is lost"


def _otherwise(stack: Stack, kind: str, attribute: str) -> Faults:
    if key := _key(stack):
        yield from (n for n, properties in stack.of_type(kind).items() if properties.get(attribute) != key)


def _key(stack: Stack) -> str | None:
    """None where AWS manages the keys."""
    return str(stack.values.get("KmsKeyArn", "")) or None
