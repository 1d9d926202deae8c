"""Roles that are wrong in one thing: each is the deployed one, changed."""

from collections.abc import Iterator
from typing import Any

from iam.evaluator import Statement, listed
from iam.judging import LIKE, parts
from iam.recorder import LEADING_KEYS

ADDED = (
    *(
        "dynamodb:DeleteItem",
        "dynamodb:PutItem",
        "dynamodb:Scan",
        "dynamodb:BatchWriteItem",
        "dynamodb:Query",
    ),
    *("dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:PartiQLDelete", "dynamodb:DeleteTable"),
    *("sqs:PurgeQueue", "sqs:ReceiveMessage", "sqs:SendMessage", "sqs:SetQueueAttributes"),
    *("secretsmanager:PutSecretValue", "secretsmanager:GetSecretValue", "secretsmanager:ListSecrets"),
    *(
        "logs:CreateLogGroup",
        "logs:DeleteLogGroup",
        "lambda:UpdateFunctionCode",
        "iam:PassRole",
        "s3:GetObject",
    ),
)
BRANCHES = {"/sources/": "/organizations/", "/organizations/": "/sources/", "/callbacks/": "/sources/"}


def mutants(statements: list[Statement]) -> Iterator[tuple[str, list[Statement]]]:
    """What was changed, and the statements as they then stand."""
    for place, statement in enumerate(statements):
        before, after = statements[:place], statements[place + 1 :]
        for what, changed in _changed(statement):
            yield f"{statement.get('Sid', place)}: {what}", [*before, *changed, *after]
    for action in ADDED:
        for resource in sorted({one for statement in statements for one in listed(statement["Resource"])}):
            allowed = {"Effect": "Allow", "Action": action, "Resource": resource}
            if not any(_says(statement, allowed) for statement in statements):
                yield f"{action} on {resource} as well", [*statements, allowed]


def _says(statement: Statement, allowed: Statement) -> bool:
    return "Condition" not in statement and all(
        allowed[element] in listed(statement[element]) for element in ("Action", "Resource")
    )


def _changed(statement: Statement) -> Iterator[tuple[str, list[Statement]]]:
    whole = list(parts(statement))
    for place, part in enumerate(whole):
        yield f"without {part}", whole[:place] + whole[place + 1 :]
    yield "said twice", [statement, statement]
    yield "denied as well", [statement, {**statement, "Effect": "Deny"}]
    for action in listed(statement["Action"]):
        for wider in ("*", f"{action.split(':')[0]}:*", f"{action}*"):
            yield f"{wider} for {action}", [_with(statement, "Action", action, wider)]
    for resource in listed(statement["Resource"]):
        for wider in _wider(resource) - {resource}:
            yield f"{wider} for {resource}", [_with(statement, "Resource", resource, wider)]
        for branch, other in BRANCHES.items():
            if branch in resource:
                swapped = resource.replace(branch, other)
                yield f"{other} for {branch}", [_with(statement, "Resource", resource, swapped)]
    yield from _under_other_conditions(statement)


def _wider(resource: str) -> set[str]:
    bare = resource.rstrip("*")
    last = max(bare.rfind("/", 0, -1), bare.rfind(":", 0, -1))
    shorter = (
        [] if bare.endswith("/stream/") else [f"{bare[:-1]}*"]
    )  # a table has nothing else of that beginning
    return {"*", *shorter, f"{bare[: last + 1]}*", f"{bare}*"}


def _under_other_conditions(statement: Statement) -> Iterator[tuple[str, list[Statement]]]:
    condition: dict[str, Any] = dict(statement.get("Condition", {}))
    for operator in condition:
        others = {name: keys for name, keys in condition.items() if name != operator}
        yield f"without {operator}", [{**statement, "Condition": others}]
    for other in ("*", "OTHER#*", "CAP#*") if LIKE in condition else ():
        keys = condition[LIKE][LEADING_KEYS]
        if other not in keys:
            wider = {**condition, LIKE: {LEADING_KEYS: [*keys, other]}}
            yield f"for {other} as well", [{**statement, "Condition": wider}]


def _with(statement: Statement, element: str, old: str, new: str) -> Statement:
    return {**statement, element: [new if one == old else one for one in listed(statement[element])]}
