"""What is deployed: the stack's own state, each function's, and whether the queue is worked off."""

from collections.abc import Iterator, Mapping
from typing import Any

from oncall.finding import Finding, Unanswered, asked, failed, ok, skipped, warning
from oncall.visit import Visit
from stack.aws import pages

FUNCTION = "AWS::Lambda::Function"
ALIAS = "AWS::Lambda::Alias"
MAPPING = "AWS::Lambda::EventSourceMapping"
ANEW = "deploy anew"


def look(visit: Visit) -> Iterator[Finding]:
    name = visit.deployment.stack
    if name is None:
        yield skipped("stack", "which functions they are, only a stack tells", "--stack STACK")
        return
    formation = visit.client("cloudformation")
    stack = asked(lambda: formation.describe_stacks(StackName=name)["Stacks"][0])
    if isinstance(stack, Unanswered):
        yield stack.found(f"stack {name}", local=visit.local)
        return
    yield _of_stack(name, stack)
    parts = asked(
        lambda: list(pages(formation, "list_stack_resources", "StackResourceSummaries", StackName=name))
    )
    if isinstance(parts, Unanswered):
        yield parts.found(f"parts of {name}", local=visit.local)
        return
    for part in parts:
        if part["ResourceType"] == FUNCTION:
            yield from _of_function(visit, part["LogicalResourceId"], part["PhysicalResourceId"])
        elif part["ResourceType"] == ALIAS:
            yield _of_alias(visit, part["LogicalResourceId"], part["PhysicalResourceId"])
        elif part["ResourceType"] == MAPPING:
            yield _of_mapping(visit, part["LogicalResourceId"], part["PhysicalResourceId"])


def _of_stack(name: str, stack: Mapping[str, Any]) -> Finding:
    status, called = stack["StackStatus"], f"stack {name}"
    if status.endswith("_FAILED"):
        return failed(called, status, "its events in CloudFormation say why; " + ANEW)
    if status.endswith("_IN_PROGRESS"):
        return warning(called, f"{status}: a release is under way", "ask again when it is over")
    if "ROLLBACK" in status:
        return warning(
            called, f"{status}: the last release was taken back", "its events in CloudFormation say why"
        )
    return ok(called, status)


def _of_function(visit: Visit, part: str, function: str) -> Iterator[Finding]:
    functions = visit.client("lambda")
    found = asked(lambda: functions.get_function_configuration(FunctionName=function))
    if isinstance(found, Unanswered):
        yield found.found(part, local=visit.local)
        return
    state, update = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
    if state not in {"Active", "Inactive"} or update == "Failed":
        reason = found.get("StateReason") or found.get("LastUpdateStatusReason") or "no reason is told"
        yield failed(part, f"is {state}, its last update {update}: {reason}", ANEW)
    else:
        yield ok(
            part,
            f"is {state}, last modified {found.get('LastModified')}, {_layers(found)}",
        )
    if visit.local:
        return  # it reserves nothing, and says so in ways of its own
    reserved = asked(lambda: functions.get_function_concurrency(FunctionName=function))
    if not isinstance(reserved, Unanswered) and reserved.get("ReservedConcurrentExecutions") == 0:
        yield failed(
            part,
            "may run nowhere: somebody has reserved no concurrency for it",
            f"aws lambda delete-function-concurrency --function-name {function}, or " + ANEW,
        )


def _of_alias(visit: Visit, part: str, alias: str) -> Finding:
    """What callers reach: a version, which may not be the newest while a release comes into force."""
    found = asked(lambda: visit.client("lambda").get_function_configuration(FunctionName=alias))
    if isinstance(found, Unanswered):
        return found.found(part, local=visit.local)
    return ok(part, f"leads to version {found.get('Version')}, {_layers(found)}")


def _layers(found: Mapping[str, Any]) -> str:
    return "layers " + (
        ", ".join(one["Arn"].split(":layer:")[-1] for one in found.get("Layers", [])) or "none"
    )


def _of_mapping(visit: Visit, part: str, mapping: str) -> Finding:
    """What takes messages off the queue, or records off the stream; disabled, it stops all without a fault anywhere."""
    found = asked(lambda: visit.client("lambda").get_event_source_mapping(UUID=mapping))
    if isinstance(found, Unanswered):
        return found.found(part, local=visit.local)
    if found["State"] in {"Enabled", "Enabling", "Updating"}:
        return ok(part, f"is {found['State']}")
    taken = "messages off the queue" if ":sqs:" in found["EventSourceArn"] else "outcomes off the stream"
    return failed(
        part,
        f"is {found['State']}: nobody takes {taken}",
        f"aws lambda update-event-source-mapping --uuid {mapping} --enabled",
    )
