"""What runs: how much of it, on what, how it is released, and where it leaves word."""

import re
from collections.abc import Iterator

from controls.access import statements
from controls.deployed import Properties, Stack

type Faults = Iterator[str]

YEAR = 365
RUNTIMES = {"python3.13"}
A_SECRET = re.compile(r"AKIA[0-9A-Z]{16}|whsec_|sk_live_|-----BEGIN|hunter2")
NOT_OF_A_VERSION = {"ReservedConcurrentExecutions", "Tags", "CodeSigningConfigArn"}
"""Properties that hold for all versions of a function at once."""
NEITHER_USES = {"PREVAIL_URL": {"ReceiveFunction"}}
"""Variables that a function is given and does not use."""


def concurrency_is_reserved(stack: Stack) -> Faults:
    yield from (n for n, f in stack.functions.items() if not f.get("ReservedConcurrentExecutions"))


def workers_start_no_more_than_is_reserved(stack: Stack) -> Faults:
    for function, queue, mapping in stack.fed_by_queues():
        most = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
        reserved = stack.functions[function].get("ReservedConcurrentExecutions", 0)
        if not isinstance(most, int) or most > reserved:
            yield f"{function} from {queue}: {most} of {reserved}"


def functions_run_on_a_supported_runtime(stack: Stack) -> Faults:
    yield from (n for n, f in stack.functions.items() if f.get("Runtime") not in RUNTIMES)


def functions_are_traced(stack: Stack) -> Faults:
    yield from (n for n, f in stack.functions.items() if f.get("TracingConfig", {}).get("Mode") != "Active")


def functions_are_tagged(stack: Stack) -> Faults:
    for name, function in stack.functions.items():
        tags = {tag["Key"] for tag in function.get("Tags", [])}
        yield from (f"{name}: {missing}" for missing in sorted({"application", "environment"} - tags))


def functions_hold_no_secrets(stack: Stack) -> Faults:
    for name, function in stack.functions.items():
        for variable, value in function.get("Environment", {}).get("Variables", {}).items():
            if A_SECRET.search(str(value)) or re.search("PASSWORD|TOKEN|API_KEY|PRIVATE", variable):
                yield f"{name}: {variable}"


def functions_take_signed_code_only(stack: Stack) -> Faults:
    if not stack.values.get("SigningProfileVersionArn"):
        return
    strict = {
        f"<{name}>"
        for name, config in stack.of_type("AWS::Lambda::CodeSigningConfig").items()
        if config["CodeSigningPolicies"]["UntrustedArtifactOnDeployment"] == "Enforce"
    }
    yield from (n for n, f in stack.functions.items() if f.get("CodeSigningConfigArn") not in strict)


def a_receiver_answers_before_the_gateway_gives_up(stack: Stack) -> Faults:
    for integration in stack.of_type("AWS::ApiGatewayV2::Integration").values():
        name = stack.function_of(integration["IntegrationUri"])
        if stack.functions[name].get("Timeout", 3) > 29:
            yield name


def what_is_started_by_nobody_waiting_leaves_word_when_it_fails(stack: Stack) -> Faults:
    for name, schedule in stack.of_type("AWS::Scheduler::Schedule").items():
        if "DeadLetterConfig" not in schedule["Target"]:
            yield f"{name} has no dead letters"
        function = stack.function_of(schedule["Target"]["Arn"])
        told = {
            stack.function_of(config["FunctionName"])
            for config in stack.of_type("AWS::Lambda::EventInvokeConfig").values()
            if config.get("DestinationConfig", {}).get("OnFailure")
        }
        if function not in told:
            yield f"{function} has no destination for failures"


def a_worker_says_which_messages_failed(stack: Stack) -> Faults:
    for function, queue, mapping in stack.fed_by_queues():
        if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
            yield f"{function} from {queue}"


def a_worker_may_put_back_what_it_took(stack: Stack) -> Faults:
    """Where it does so by a message of its own, and not by leaving the one that it has."""
    for function, queue, _ in stack.fed_by_queues():
        puts = _puts_messages_on(stack, stack.functions[function]["Role"], queue)
        if puts and stack.functions[function].get("RecursiveLoop") != "Allow":
            yield f"{function} from {queue}: the sixteenth message to itself is its last"


def _puts_messages_on(stack: Stack, role: str, queue: str) -> bool:
    of_it = (one for one in statements(stack) if f"<{one.role}.Arn>" == role)
    return any("sqs:SendMessage" in one.actions and f"<{queue}.Arn>" in one.resources for one in of_it)


# ── Logs ──────────────────────────────────────────────────────────────────────────────────────────


def functions_log_to_a_group_of_their_own(stack: Stack) -> Faults:
    groups = stack.of_type("AWS::Logs::LogGroup")
    used: set[str] = set()
    for name, function in stack.functions.items():
        group = str(function.get("LoggingConfig", {}).get("LogGroup", "")).strip("<>")
        if group not in groups or group in used:
            yield f"{name}: {group or 'one that AWS makes, and never empties'}"
        used.add(group)


def functions_log_as_json(stack: Stack) -> Faults:
    for name, function in stack.functions.items():
        if function.get("LoggingConfig", {}).get("LogFormat") != "JSON":
            yield name


def logs_are_kept_for_a_year(stack: Stack) -> Faults:
    for name, group in stack.of_type("AWS::Logs::LogGroup").items():
        if group.get("RetentionInDays", 0) < YEAR:
            yield f"{name}: {group.get('RetentionInDays', 'for ever')}"


def logs_outlive_the_stack(stack: Stack) -> Faults:
    for name, resource in stack.resources.items():
        if resource["Type"] == "AWS::Logs::LogGroup":
            yield from (f"{name}: {p}" for p in _lost(resource))


def _lost(resource: Properties) -> Faults:
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        if resource.get(policy) != "Retain":
            yield policy


# ── Releases ──────────────────────────────────────────────────────────────────────────────────────

CHANGES = {
    "Architecture": "x86_64",
    "ConfigLayerArn": "arn:aws:lambda:eu-central-1:444455556666:layer:legal-config:7",
    "KmsKeyArn": "arn:aws:kms:eu-central-1:111122223333:key/mrk-99999999999999999999999999999999",
    "LogRetentionDays": "731",
    "PrevailUrl": "https://sandbox.example.com",
    "PublicKeyLayerArn": "arn:aws:lambda:eu-central-1:111122223333:layer:public-keys:3",
    "SecretsPrefix": "finance/prod",
    "SnapStart": "true",
}
"""To another value each, whatever the stack was made with."""


def versioned(stack: Stack) -> dict[str, Properties]:
    """By function: the version that its alias points to."""
    return {
        stack.function_of(version["FunctionName"]): version
        for version in stack.of_type("AWS::Lambda::Version").values()
    }


def a_change_of_parameters_makes_a_version(stack: Stack) -> Faults:
    """Or the alias stays on one that was configured otherwise."""
    for parameter, value in CHANGES.items():
        if parameter not in stack.values:
            continue
        changed = stack.having(**{parameter: value})
        before, after = versioned(stack), versioned(changed)
        for name in before:
            if _code(name, stack) != _code(name, changed) and before[name] == after[name]:
                yield f"{name}: {parameter}"


def _code(name: str, stack: Stack) -> Properties:
    function = {key: part for key, part in stack.functions[name].items() if key not in NOT_OF_A_VERSION}
    variables = function["Environment"]["Variables"]
    used = {key: value for key, value in variables.items() if name not in NEITHER_USES.get(key, set())}
    return function | {"Environment": used}


def new_layers_make_a_version(stack: Stack) -> Faults:
    for name, version in versioned(stack).items():
        for layer in stack.functions[name].get("Layers", []):
            if layer.startswith("<") and layer not in version.get("Description", ""):
                yield f"{name}: {layer}"


def callers_use_the_alias(stack: Stack) -> Faults:
    aliases = {f"<{name}>" for name in stack.of_type("AWS::Lambda::Alias")}
    for kind, key in (
        ("AWS::ApiGatewayV2::Integration", "IntegrationUri"),
        ("AWS::Lambda::EventSourceMapping", "FunctionName"),
        ("AWS::Lambda::Permission", "FunctionName"),
    ):
        for name, caller in stack.of_type(kind).items():
            if stack.function_of(caller[key]) in versioned(stack) and caller[key] not in aliases:
                yield f"{name} calls {caller[key]}"


def a_release_is_taken_back_when_it_fails(stack: Stack) -> Faults:
    if stack.values.get("GradualDeployment") != "true":
        return
    groups = stack.of_type("AWS::CodeDeploy::DeploymentGroup")
    for function in versioned(stack):
        group = groups.get(f"{function}DeploymentGroup", {})
        alarms = {alarm["Name"] for alarm in group.get("AlarmConfiguration", {}).get("Alarms", [])}
        watched = {
            alarm["Dimensions"][0]["Value"].strip("<>")
            for name, alarm in stack.of_type("AWS::CloudWatch::Alarm").items()
            if f"<{name}>" in alarms and alarm["MetricName"] == "Errors"
        }
        on = group.get("AutoRollbackConfiguration", {}).get("Events", [])
        if function not in watched or "DEPLOYMENT_STOP_ON_ALARM" not in on:
            yield f"{function}: {', '.join(sorted(watched)) or 'no alarm'}"
