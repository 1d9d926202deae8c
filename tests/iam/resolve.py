"""template.yaml as AWS deploys it: transformed by SAM, with names and ARNs in place of intrinsic functions."""

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any

from samtranslator.parser.parser import Parser  # type: ignore[import-untyped]  # it has no stubs
from samtranslator.translator.translator import Translator  # type: ignore[import-untyped]

from house.template import template
from iam.evaluator import Statement

ACCOUNT, REGION, STACK = "123456789012", "us-east-1", "prevail-cancellations"
"""moto's account; its resources get the names that are resolved here."""

PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": STACK,
    "AWS::URLSuffix": "amazonaws.com",
}
NAMED_BY = ("TableName", "QueueName", "LogGroupName", "FunctionName", "TopicName", "RoleName", "Name")
ARNS = {
    "AWS::DynamoDB::Table": ("dynamodb", "table/{}"),
    "AWS::Events::EventBus": ("events", "event-bus/{}"),
    "AWS::Events::Rule": ("events", "rule/{}"),
    "AWS::IAM::Role": ("iam", "role/{}"),
    "AWS::KMS::Key": ("kms", "key/{}"),
    "AWS::Lambda::Function": ("lambda", "function:{}"),
    "AWS::Logs::LogGroup": ("logs", "log-group:{}:*"),  # as GetAtt says it, wildcard and all
    "AWS::Scheduler::ScheduleGroup": ("scheduler", "schedule-group/{}"),
    "AWS::SNS::Topic": ("sns", "{}"),
    "AWS::SQS::Queue": ("sqs", "{}"),
}
"""Service and resource, by type."""

NOTHING = object()
"""What AWS::NoValue stands for: the property is not there."""


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{'' if service == 'iam' else REGION}:{ACCOUNT}:{resource}"


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployment of the template, with its parameters' defaults unless told otherwise."""

    changed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        return {
            name: resource
            for name, resource in transformed()["Resources"].items()
            if "Condition" not in resource or self.holds(resource["Condition"])
        }

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Properties, resolved, by logical name."""
        found = {name: r.get("Properties", {}) for name, r in self.resources.items() if r["Type"] == kind}
        return {name: self.value(properties) for name, properties in found.items()}

    def roles(self) -> dict[str, list[Statement]]:
        """What the policies of each role say, by its ARN."""
        return {
            self.arn(name): [s for policy in role["Policies"] for s in policy["PolicyDocument"]["Statement"]]
            for name, role in self.of_type("AWS::IAM::Role").items()
        }

    def arn(self, name: str) -> str:
        return self.attribute([name, "Arn"])

    def value(self, node: Any) -> Any:  # noqa: ANN401 - any part of a template
        """Raises KeyError for what has no row here."""
        match node:
            case list():
                return [value for value in map(self.value, node) if value is not NOTHING]
            case dict():
                ((name, part), *others) = node.items() or [("", None)]
                if not others and (
                    name.startswith(("Fn::", "Ref")) or (name, type(part)) == ("Condition", str)
                ):
                    return INTRINSICS[name](self, part)
                values = {name: self.value(part) for name, part in node.items()}
                return {name: value for name, value in values.items() if value is not NOTHING}
        return node

    def either(self, condition: str, then: object, otherwise: object) -> Any:  # noqa: ANN401 - any part
        return self.value(then if self.holds(condition) else otherwise)

    def holds(self, condition: str) -> bool:
        return bool(self.value(transformed()["Conditions"][condition]))

    def ref(self, name: str) -> Any:  # noqa: ANN401 - a parameter of any type
        if name == "AWS::NoValue":
            return NOTHING
        if name in PSEUDO:
            return PSEUDO[name]
        if (parameter := transformed()["Parameters"].get(name)) is not None:
            given = self.changed.get(name, parameter["Default"])
            return given.split(",") if parameter["Type"] == "CommaDelimitedList" else given
        match self.resources[name]["Type"]:
            case "AWS::SQS::Queue":
                return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{self._name(name)}"
            case "AWS::Lambda::Alias":
                alias = self.resources[name]["Properties"]
                return arn("lambda", f"function:{self.value(alias['FunctionName'])}:{alias['Name']}")
        return self._name(name)

    def attribute(self, path: str | list[str]) -> str:
        name, attribute = path.split(".", 1) if isinstance(path, str) else path
        service, resource = ARNS[self.resources[name]["Type"]]
        full = arn(service, resource.format(self._name(name)))
        return {"Arn": full, "StreamArn": f"{full}/stream/2026-11-20T18:00:00.000"}[attribute]

    def filled(self, text: str, given: Mapping[str, object]) -> str:
        def part(found: re.Match[str]) -> str:
            name = found[1]
            if name in given:
                return str(self.value(given[name]))
            return str(self.attribute(name) if "." in name else self.ref(name))

        return re.sub(r"\$\{([^!}][^}]*)\}", part, text)

    def _name(self, name: str) -> str:
        properties = self.resources[name].get("Properties", {})
        given = next((properties[key] for key in NAMED_BY if key in properties), None)
        return f"{STACK}-{name}" if given is None else str(self.value(given))


INTRINSICS: Mapping[str, Callable[[Stack, Any], Any]] = {
    "Condition": Stack.holds,
    "Ref": Stack.ref,
    "Fn::And": lambda stack, of: all(map(stack.value, of)),
    "Fn::Equals": lambda stack, of: stack.value(of[0]) == stack.value(of[1]),
    "Fn::GetAtt": Stack.attribute,
    "Fn::If": lambda stack, of: stack.either(*of),
    "Fn::Join": lambda stack, of: of[0].join(stack.value(of[1])),
    "Fn::Not": lambda stack, of: not stack.value(of[0]),
    "Fn::Or": lambda stack, of: any(map(stack.value, of)),
    "Fn::Select": lambda stack, of: stack.value(of[1])[int(of[0])],
    "Fn::Split": lambda stack, of: stack.value(of[1]).split(of[0]),
    "Fn::Sub": lambda stack, of: stack.filled(*((of, {}) if isinstance(of, str) else of)),
}


@cache
def transformed() -> dict[str, Any]:
    written = copy.deepcopy(template())
    for resource in written["Resources"].values():
        for built in resource.get("Properties", {}).keys() & {"CodeUri", "ContentUri"}:
            resource["Properties"][built] = "s3://built/by-sam"
    parameters = {name: parameter["Default"] for name, parameter in written["Parameters"].items()}
    session = SimpleNamespace(region_name=REGION)  # all that it asks a session of boto3
    made: dict[str, Any] = Translator({}, Parser(), boto_session=session).translate(written, parameters)
    return made
