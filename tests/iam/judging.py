"""What is wrong with a role: a call that it needs and has not, and whatever it has and does not need.

What a role needs is known by samples: the calls that were recorded, and those that AWS makes with it. Samples that
differ only in what a person names (a source, a session) are of one kind; a kind is allowed whole, or not at all.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.session import Session

from cancellations.domain import OUTCOMES
from iam import on_behalf
from iam.driving import recorded
from iam.evaluator import Call, Statement, allows, applies, listed, names
from iam.recorder import LEADING_KEYS
from iam.resolve import ACCOUNT, ARNS, REGION, STACK, Stack, arn

EVENT_SOURCE = "events:source"
TABLE = re.compile(r".*:table/[^/]+")


@dataclass(frozen=True, slots=True)
class Kind:
    """What samples have in common.

    keys: how the leading key begins, where a table is asked for an item; under whose name, where a bus gets an event.
    """

    action: str
    resource: str
    keys: str | None

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}" + (f" for {self.keys}" if self.keys else "")


def kind_of(call: Call) -> Kind:
    """An index holds items of one kind, so nobody asks of which it is read; streams are listed all at once."""
    resource = re.sub(r"(:log-stream:|:secret:[^/]+/[^/]+/).*", r"\1*", call.resource)
    if call.action == "dynamodb:ListStreams":
        resource = re.sub("/stream/.*", "/stream/*", resource)
    key = LEADING_KEYS if TABLE.fullmatch(resource) else EVENT_SOURCE
    keys = dict(call.context).get(key)
    return Kind(call.action, resource, re.sub("#.*", "#*", keys[0]) if keys else None)


@cache
def needed() -> Mapping[str, frozenset[Call]]:
    """By the ARN of the role."""
    stack = Stack()
    made = on_behalf.calls(stack)
    functions = stack.of_type("AWS::Lambda::Function")
    for function, calls in recorded().needed().items():
        made.setdefault(functions[function]["Role"], set()).update(calls)
    return {role: frozenset(calls) for role, calls in made.items()}


# ── What else might be asked for ──────────────────────────────────────────────────────────────────

SERVICES = ("dynamodb", "dynamodbstreams", "events", "lambda", "logs", "secretsmanager", "sqs")

OF_ITEMS = {
    *("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"),
    *("dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem"),
    *("dynamodb:PartiQLSelect", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:PartiQLDelete"),
}
"""Actions whose requests carry leading keys; of the last few no operation has the name.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
"""


@cache
def actions() -> frozenset[str]:
    models = map(Session().get_service_model, SERVICES)
    named = {f"{m.service_name.removesuffix('streams')}:{name}" for m in models for name in m.operation_names}
    return frozenset(named | OF_ITEMS | {call.action for calls in needed().values() for call in calls})


@cache
def samples(action: str) -> tuple[Call, ...]:
    """The action on all there is, here and elsewhere, with every leading key that anybody uses, others, and none."""
    known = [call for calls in needed().values() for call in calls]
    if Call(action, "*") in known:
        return (Call(action, "*"),)  # it knows no resources
    keys = {re.sub("#.*", "#", key) for call in known for key in dict(call.context).get(LEADING_KEYS, ())}
    of_items: list[Any] = [((LEADING_KEYS, (f"{key}another",)),) for key in (*keys, "OTHER#", "")]
    of_events: list[Any] = [((EVENT_SOURCE, (name,)),) for name in (OUTCOMES, "com.example.another")]

    def contexts(resource: str) -> list[Any]:
        if action == "events:PutEvents":
            return [*of_events, ()]
        return [*of_items, ()] if action in OF_ITEMS and TABLE.fullmatch(resource) else [()]

    return tuple(
        Call(action, resource, context) for resource in _resources() for context in contexts(resource)
    )


BRANCHES = ("sources", "organizations", "callbacks")


@cache
def _resources() -> frozenset[str]:
    stack = Stack()
    made = {call.resource for calls in needed().values() for call in calls} - {"*"}
    for name, resource in stack.resources.items():
        if resource["Type"] in ARNS:
            made.add(re.sub(r":\*$", ":log-stream:another", stack.arn(name)))
    for branch in (*BRANCHES, *(f"{branch}-2" for branch in BRANCHES), "dev/sources"):
        made.add(arn("secretsmanager", f"secret:{stack.ref('SecretsPrefix')}/{branch}/another-Zz9yX8"))
    return frozenset(made | {other for one in made for other in _elsewhere(one)})


def _elsewhere(resource: str) -> Iterator[str]:
    yield f"{resource}-2"
    yield resource.replace(":log-stream:", "-2:log-stream:")
    yield resource.replace(STACK, f"{STACK}-2")
    yield resource.replace(STACK, "another")
    yield resource.replace(ACCOUNT, "999999999999")
    yield resource.replace(REGION, "eu-west-1")


# ── Judgement ─────────────────────────────────────────────────────────────────────────────────────


def faults(statements: list[Statement], needs: Iterable[Call]) -> Iterator[str]:
    """One line for each, the cheapest to find first; none of a role that is exactly what it must be."""
    kinds = {kind_of(call) for call in needs}
    yield from (f"a wildcard: {action}" for action in _wildcards(statements))
    known = [*needs, *(call for kind in kinds for call in samples(kind.action) if kind_of(call) in kinds)]
    yield from _once(f"missing: {kind_of(call)}" for call in known if not allows(statements, call))
    yield from (f"changes nothing: {part}" for part in _idle(statements, known))
    asked = itertools.chain.from_iterable(samples(action) for action in actions_of(statements))
    beyond = (call for call in asked if kind_of(call) not in kinds and allows(statements, call))
    yield from _once(f"not needed: {kind_of(call)}" for call in beyond)


def _once(lines: Iterable[str]) -> Iterator[str]:
    said: set[str] = set()
    for line in lines:
        if line not in said:
            said.add(line)
            yield line


def _wildcards(statements: list[Statement]) -> Iterator[str]:
    """They allow what AWS adds tomorrow, too."""
    for statement in statements:
        if statement["Effect"] == "Allow":
            yield from (action for action in listed(statement["Action"]) if {"*", "?"} & set(action))


def actions_of(statements: list[Statement]) -> list[str]:
    return [action for action in actions() if any(names(statement, action) for statement in statements)]


def _idle(statements: list[Statement], wanted: list[Call]) -> Iterator[Statement]:
    """Parts that allow nothing which is wanted and which the others do not allow."""
    every = [part for statement in statements for part in parts(statement)]
    for place, part in enumerate(every):
        others = every[:place] + every[place + 1 :]
        if part["Effect"] == "Allow" and all(allows(others, c) for c in wanted if applies(part, c)):
            yield part


LIKE = "ForAllValues:StringLike"


def parts(statement: Statement) -> Iterator[Statement]:
    """A statement taken apart: one action, one resource, and one leading key to a part. Together they say the same."""
    condition = statement.get("Condition", {})
    like = condition.get(LIKE, {}).get(LEADING_KEYS)
    for action, resource, key in itertools.product(
        listed(statement["Action"]), listed(statement["Resource"]), listed(like)
    ):
        narrowed = {**condition, LIKE: {LEADING_KEYS: key}} if like else condition
        yield {"Effect": statement["Effect"], "Action": action, "Resource": resource, "Condition": narrowed}
