"""Whether the policies of a role let a call pass, by AWS's rules. What is not covered here is refused, never guessed.

Sources, below https://docs.aws.amazon.com/IAM/latest/UserGuide/:
    reference_policies_evaluation-logic.html              one Deny that applies is a no; so is no Allow that applies
    reference_policies_elements_resource.html             wildcards in ARNs
    reference_policies_elements_condition_operators.html  operators, IfExists, Null, a key that is absent
    reference_policies_condition-single-vs-multi-valued-context-keys.html   ForAllValues, ForAnyValue
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

type Statement = Mapping[str, Any]
"""As it stands in a policy, intrinsic functions resolved."""

type Value = str | tuple[str, ...]
"""What a request says of a condition key: text where it has one value at most, a tuple where it may have many."""


class Unsupported(Exception):
    """A policy says something that this evaluator does not know."""


@dataclass(frozen=True, slots=True)
class Call:
    """`context`: the condition keys that the request carries, with their values."""

    action: str
    resource: str
    context: tuple[tuple[str, Value], ...] = ()


def allows(statements: Iterable[Statement], call: Call) -> bool:
    return {statement["Effect"] for statement in statements if applies(statement, call)} == {"Allow"}


ELEMENTS = {"Sid", "Effect", "Action", "Resource", "Condition"}


def applies(statement: Statement, call: Call) -> bool:
    if unknown := statement.keys() - ELEMENTS:
        raise Unsupported(f"elements of a statement: {sorted(unknown)}")
    return (
        names(statement, call.action)
        and any(_arn(pattern).fullmatch(call.resource) for pattern in listed(statement["Resource"]))
        and _conditions_hold(statement.get("Condition", {}), call)
    )


def names(statement: Statement, action: str) -> bool:
    return any(_action(pattern).fullmatch(action) for pattern in listed(statement["Action"]))


def listed(element: Any) -> list[Any]:  # noqa: ANN401 - a text or a list of them, as policies have it
    return element if isinstance(element, list) else [element]


# ── Wildcards ─────────────────────────────────────────────────────────────────────────────────────


@cache
def _action(pattern: str) -> re.Pattern[str]:
    return re.compile(_regex(pattern, many=".*", one="."), re.IGNORECASE)


@cache
def _text(pattern: str) -> re.Pattern[str]:
    return re.compile(_regex(pattern, many=".*", one="."), re.DOTALL)


@cache
def _arn(pattern: str) -> re.Pattern[str]:
    """A `*` stays within its segment, unless it is the segment's last character: then colons do not stop it."""
    segments = [
        _regex(segment.removesuffix("*"), many="[^:]*", one="[^:]") + (".*" if segment.endswith("*") else "")
        for segment in pattern.split(":")
    ]
    return re.compile(":".join(segments))


def _regex(pattern: str, *, many: str, one: str) -> str:
    if "${" in pattern:
        raise Unsupported(f"a policy variable: {pattern}")
    return re.escape(pattern).replace(r"\*", many).replace(r"\?", one)


# ── Conditions ────────────────────────────────────────────────────────────────────────────────────


ARN_PARTS = 6


def _arns_are_like(pattern: str, value: str) -> bool:
    """Each of the six parts by itself. ArnEquals means the same."""
    parts, of_value = pattern.split(":", 5), value.split(":", 5)
    if len(parts) != ARN_PARTS:
        raise Unsupported(f"an ARN of other than six parts: {pattern}")
    return len(of_value) == ARN_PARTS and all(
        _text(part).fullmatch(other) for part, other in zip(parts, of_value, strict=True)
    )


OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringLike": lambda wanted, value: _text(wanted).fullmatch(value) is not None,
    "ArnEquals": _arns_are_like,
    "ArnLike": _arns_are_like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
}
"""By name, of one wanted value and one that the request has."""

NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


def _conditions_hold(conditions: Mapping[str, Mapping[str, Any]], call: Call) -> bool:
    context = {key.lower(): value for key, value in call.context}
    return all(
        _holds(operator, listed(wanted), context.get(key.lower()))
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _holds(operator: str, wanted: list[str], value: Value | None) -> bool:
    """`value` None: the request does not carry the key."""
    if operator == "Null":
        return {"true": not value, "false": bool(value)}[wanted[0]]
    quantifier, _, unquantified = operator.rpartition(":")
    name = unquantified.removesuffix("IfExists")
    judge = OPERATORS.get(NEGATED.get(name, name))
    if judge is None:
        raise Unsupported(f"an operator: {operator}")

    def matches(one: str) -> bool:
        return any(judge(each, one) for each in wanted) != (name in NEGATED)

    if value is None and name != unquantified:
        return True
    values = (value,) if isinstance(value, str) else value or ()
    match quantifier, value:
        case "ForAllValues", _:
            return all(map(matches, values))  # of none, too
        case "ForAnyValue", _:
            return any(map(matches, values))
        case "", None:
            return name in NEGATED
        case "", str(one):
            return matches(one)
    raise Unsupported(f"an operator, for {value!r}: {operator}")
