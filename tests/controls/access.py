"""Who may do what: roles, their statements, and who may call a function."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from controls.deployed import Stack

type Faults = Iterator[str]

ANYTHING_BY_NEED = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
"""Actions that know no resource."""

OPEN_ENDED = re.compile(r"(:secret:[^*]+/(sources|organizations|callbacks)/\*|:alarm:\*|/stream/\*)$")
"""Resources that are named by how they begin, since they are not ours to name."""

ON_THE_LEDGER: Mapping[str, set[str]] = {
    "ReceiveRole": {"GetItem", "UpdateItem"},
    "CancelRole": {"GetItem", "UpdateItem"},
    "SweepRole": {"GetItem", "Query", "UpdateItem"},
    "AnnounceRole": {"GetItem", "DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"},
}
ON_QUEUES: Mapping[str, set[str]] = {
    "ReceiveRole": {"SendMessage"},
    "CancelRole": {"ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "SendMessage"},
    "SweepRole": {"SendMessage"},
    "AnnounceRole": {"SendMessage"},
    "NotifyRole": {"ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility"},
}
SIDES = {"ReceiveRole": "/sources/*", "CancelRole": "/organizations/*", "NotifyRole": "/callbacks/*"}
WRITERS_OF_HISTORY = re.compile(r"dynamodb:(Delete|BatchWrite|PartiQL|Scan|\*)|^\*$")


@dataclass(frozen=True, slots=True)
class Statement:
    role: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, Any]]


def statements(stack: Stack) -> Iterator[Statement]:
    """What the roles of this stack allow, in themselves and by policies beside them."""
    for role, properties in stack.of_type("AWS::IAM::Role").items():
        for policy in properties.get("Policies", []):
            yield from _allowed(role, policy["PolicyDocument"])
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for name, policy in stack.of_type(kind).items():
            for role in policy.get("Roles", [name]):
                yield from _allowed(role.strip("<>"), policy["PolicyDocument"])


def _allowed(role: str, document: Mapping[str, Any]) -> Iterator[Statement]:
    """What is named by exception, by NotAction or NotResource, is everything."""
    for written in document["Statement"]:
        if written["Effect"] == "Allow":
            actions, resources = _listed(written.get("Action", "*")), _listed(written.get("Resource", "*"))
            yield Statement(role, actions, resources, written.get("Condition", {}))


def _listed(one_or_more: str | list[str]) -> tuple[str, ...]:
    return (one_or_more,) if isinstance(one_or_more, str) else tuple(one_or_more)


def every_function_has_a_role_of_its_own(stack: Stack) -> Faults:
    shared = Counter(function["Role"] for function in stack.functions.values())
    yield from (f"{role} is the role of {count} functions" for role, count in shared.items() if count > 1)
    ours = {f"<{name}.Arn>" for name in stack.of_type("AWS::IAM::Role")}
    yield from (f"{role} is no role of this stack" for role in shared if role not in ours)


def roles_are_written_out(stack: Stack) -> Faults:
    for name, role in stack.of_type("AWS::IAM::Role").items():
        yield from (f"{name} takes over {policy}" for policy in role.get("ManagedPolicyArns", []))


def actions_are_named_one_by_one(stack: Stack) -> Faults:
    for statement in statements(stack):
        for action in statement.actions:
            if not re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z]+", action):
                yield f"{statement.role}: {action}"


def resources_are_named(stack: Stack) -> Faults:
    for statement in statements(stack):
        for resource in statement.resources:
            if "*" in resource and not OPEN_ENDED.search(resource):
                if set(statement.actions) <= ANYTHING_BY_NEED:
                    continue
                yield f"{statement.role}: {', '.join(statement.actions)} on {resource}"


def each_role_does_to_the_ledger_what_it_must(stack: Stack) -> Faults:
    yield from _differences(stack, "dynamodb", ON_THE_LEDGER)


def each_role_does_to_queues_what_it_must(stack: Stack) -> Faults:
    yield from _differences(stack, "sqs", ON_QUEUES)


def _differences(stack: Stack, service: str, allowed: Mapping[str, set[str]]) -> Faults:
    """Roles of functions only; one that is not in the table does nothing there."""
    ours = {function["Role"].strip("<>").removesuffix(".Arn") for function in stack.functions.values()}
    for role in sorted(ours | allowed.keys()):
        found = {
            action.partition(":")[2]
            for statement in statements(stack)
            if statement.role == role
            for action in statement.actions
            if action.startswith(f"{service}:")
        }
        if found != (does := allowed.get(role, set())):
            yield f"{role}: {', '.join(sorted(found)) or 'nothing'}, not {', '.join(sorted(does)) or 'nothing'}"


def nothing_is_deleted_from_the_ledger(stack: Stack) -> Faults:
    for statement in statements(stack):
        yield from (f"{statement.role}: {a}" for a in statement.actions if WRITERS_OF_HISTORY.match(a))


def secrets_are_read_by_one_side_each(stack: Stack) -> Faults:
    read_by: dict[str, set[str]] = {}
    for statement in statements(stack):
        if any(re.match(r"secretsmanager:|\*", action) for action in statement.actions):
            for resource in statement.resources:
                read_by.setdefault(resource, set()).add(statement.role)
    for secret, roles in read_by.items():
        if len(roles) > 1 or not re.search(r":secret:[^*]+/\w+/\*$", secret):
            yield f"{', '.join(sorted(roles))}: {secret}"
    sides = Counter(role for roles in read_by.values() for role in roles)
    yield from (f"{role} reads {count} kinds of secrets" for role, count in sides.items() if count > 1)


def keys_are_used_through_named_services(stack: Stack) -> Faults:
    for statement in statements(stack):
        if any(action.startswith("kms:") for action in statement.actions):
            through = statement.conditions.get("StringEquals", {}).get("kms:ViaService")
            if not through or any("*" in resource for resource in statement.resources):
                yield f"{statement.role}: {', '.join(statement.actions)} on {', '.join(statement.resources)}"


def a_key_of_secrets_decrypts_those_of_one_side(stack: Stack) -> Faults:
    if not (key := stack.values.get("SecretsKmsKeyArn")):
        return
    for statement in statements(stack):
        if key in statement.resources:
            within = str(statement.conditions.get("StringLike", {}).get("kms:EncryptionContext:SecretARN"))
            side = SIDES.get(statement.role, "-")
            if not within.endswith(side):
                yield f"{statement.role}: {within}"


def roles_trust_one_service_and_on_our_behalf(stack: Stack) -> Faults:
    for name, role in stack.of_type("AWS::IAM::Role").items():
        for trust in role["AssumeRolePolicyDocument"]["Statement"]:
            services = _listed(trust["Principal"].get("Service", []))
            equal = trust.get("Condition", {}).get("StringEquals", {})
            if len(services) != 1 or set(trust["Principal"]) != {"Service"}:
                yield f"{name} trusts {trust['Principal']}"
            elif services != ("lambda.amazonaws.com",) and "aws:SourceAccount" not in equal:
                yield f"{name} trusts {services[0]} on anybody's behalf"


def roles_stay_within_the_boundary(stack: Stack) -> Faults:
    if boundary := stack.values.get("PermissionsBoundaryArn"):
        for name, role in stack.of_type("AWS::IAM::Role").items():
            if role.get("PermissionsBoundary") != boundary:
                yield name


def callers_of_functions_are_named(stack: Stack) -> Faults:
    for name, permission in stack.of_type("AWS::Lambda::Permission").items():
        source = str(permission.get("SourceArn", "*"))
        if permission["Principal"] == "*" or source == "*":
            yield f"{name}: {permission['Principal']} for {source}"
        elif permission.get("SourceAccount") != "111122223333":
            yield f"{name}: {permission['Principal']} of any account"


def functions_have_no_address_of_their_own(stack: Stack) -> Faults:
    yield from stack.of_type("AWS::Lambda::Url")
