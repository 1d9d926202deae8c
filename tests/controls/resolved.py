"""What CloudFormation makes of a template: conditions decided, parameters put in, and resources still to be made.

A resource that does not exist yet is a text: `<Queue>` for its Ref, `<Queue.Arn>` for an attribute of it, and so
`<Ledger.Arn>/index/open` for what is built on one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

PSEUDO: Mapping[str, Any] = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "cancellations",
    "AWS::URLSuffix": "amazonaws.com",
}
NOTHING = object()
"""AWS::NoValue: whatever holds it does without."""


@dataclass(frozen=True, slots=True)
class Resolver:
    """Resolves the parts of one template; `values` are those of its parameters, defaults included."""

    conditions: Mapping[str, Any]
    values: Mapping[str, Any]

    def holds(self, name: str) -> bool:
        return bool(self.of(self.conditions[name]))

    def of(self, part: Any) -> Any:  # noqa: ANN401 - any part of a document, before and after
        match part:
            case {"Condition": str(name), **others} if not others:
                return self.holds(name)
            case dict() if len(part) == 1 and (resolve := _FUNCTIONS.get(next(iter(part)))):
                return resolve(self, next(iter(part.values())))
            case dict():
                found = {name: self.of(inner) for name, inner in part.items()}
                return {name: inner for name, inner in found.items() if inner is not NOTHING}
            case list():
                return [inner for inner in map(self.of, part) if inner is not NOTHING]
        return part

    def reference(self, name: str) -> Any:  # noqa: ANN401 - a parameter's value
        if name == "AWS::NoValue":
            return NOTHING
        return self.values.get(name, PSEUDO.get(name, f"<{name}>"))


def _if(resolver: Resolver, parts: list[Any]) -> Any:  # noqa: ANN401 - either branch
    condition, then, otherwise = parts
    return resolver.of(then if resolver.holds(condition) else otherwise)


def _get_att(_: Resolver, parts: Any) -> str:  # noqa: ANN401 - both spellings of it
    return f"<{parts if isinstance(parts, str) else '.'.join(parts)}>"


def _sub(resolver: Resolver, parts: Any) -> str:  # noqa: ANN401 - with and without names of its own
    text, names = (parts, {}) if isinstance(parts, str) else parts
    own = resolver.of(names)
    return re.sub(r"\$\{([^!}]+)\}", lambda name: str(own.get(name[1], resolver.reference(name[1]))), text)


def _split(resolver: Resolver, parts: list[Any]) -> Any:  # noqa: ANN401 - texts, or one that is not known yet
    separator, text = parts
    whole = resolver.of(text)
    return whole if whole.startswith("<") else whole.split(separator)


def _select(resolver: Resolver, parts: list[Any]) -> Any:  # noqa: ANN401 - an item of any kind
    number, items = parts
    found = resolver.of(items)
    return f"{found}[{number}]" if isinstance(found, str) else found[int(number)]


_FUNCTIONS: Mapping[str, Callable[[Resolver, Any], Any]] = {
    "Ref": lambda resolver, name: resolver.reference(name),
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::Sub": _sub,
    "Fn::Join": lambda resolver, parts: parts[0].join(map(str, resolver.of(parts[1]))),
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::Equals": lambda resolver, parts: str(resolver.of(parts[0])) == str(resolver.of(parts[1])),
    "Fn::Not": lambda resolver, parts: not resolver.of(parts[0]),
    "Fn::And": lambda resolver, parts: all(map(resolver.of, parts)),
    "Fn::Or": lambda resolver, parts: any(map(resolver.of, parts)),
}
