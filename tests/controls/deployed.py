"""A stack as CloudFormation would be told to make it: transformed by SAM, resolved for given parameters."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser  # type: ignore[import-untyped] # ships no types
from samtranslator.translator.translator import Translator  # type: ignore[import-untyped] # ships no types
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped] # ships no types

from controls.resolved import PSEUDO, Resolver

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
type Properties = dict[str, Any]
type Document = dict[str, Any]


def read(path: Path = TEMPLATE) -> Document:
    parsed: Document = yaml_parse(path.read_text("utf-8"))
    return parsed


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """`document` is the template after SAM; `values` are those of its parameters; `resources` are resolved with them,
    by logical id, and those whose condition does not hold are missing."""

    document: Document
    given: Mapping[str, str]
    values: Mapping[str, Any]
    resources: Mapping[str, dict[str, Any]]

    @classmethod
    def of(cls, document: Document, given: Mapping[str, str]) -> "Stack":
        values = {
            name: _typed(declared["Type"], given.get(name, declared.get("Default", "")))
            for name, declared in document.get("Parameters", {}).items()
        }
        resolver = Resolver(document.get("Conditions", {}), values)
        resources = {
            name: resolver.of({key: part for key, part in resource.items() if key != "Condition"})
            for name, resource in document["Resources"].items()
            if "Condition" not in resource or resolver.holds(resource["Condition"])
        }
        return cls(document, given, values, resources)

    def having(self, **given: str) -> "Stack":
        """The same stack with other values for some parameters (none that SAM itself looks at)."""
        return self.of(self.document, {**self.given, **given})

    def of_type(self, kind: str) -> dict[str, Properties]:
        """The properties of the resources of this type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    @property
    def functions(self) -> dict[str, Properties]:
        return self.of_type("AWS::Lambda::Function")

    @property
    def queues(self) -> dict[str, Properties]:
        return self.of_type("AWS::SQS::Queue")

    def fed_by_queues(self) -> Iterator[tuple[str, str, Properties]]:
        """Function, queue and the mapping between them."""
        for mapping in self.of_type("AWS::Lambda::EventSourceMapping").values():
            source = str(mapping["EventSourceArn"])
            if (queue := source.strip("<>").removesuffix(".Arn")) in self.queues:
                yield self.function_of(mapping["FunctionName"]), queue, mapping

    def function_of(self, target: str) -> str:
        """The function's logical id, by its name, its ARN, or an alias of it."""
        name = target.strip("<>").removesuffix(".Arn")
        alias = self.of_type("AWS::Lambda::Alias").get(name)
        return self.function_of(alias["FunctionName"]) if alias else name


def _typed(kind: str, value: Any) -> Any:  # noqa: ANN401 - texts and numbers, as a template writes them
    match kind:
        case "Number":
            return int(value)
        case "CommaDelimitedList":
            return [part.strip() for part in str(value).split(",")]
    return str(value)


def deployed(template: Document, given: Mapping[str, str]) -> Stack:
    """As `sam deploy` would: artefacts are taken to be uploaded already."""
    written = deepcopy(template)
    for name, resource in written["Resources"].items():
        for uri in ("CodeUri", "ContentUri"):
            if uri in resource.get("Properties", {}):
                resource["Properties"][uri] = f"s3://artefacts/{name}"
    translator = Translator({}, Parser(), [], boto3.Session(region_name=PSEUDO["AWS::Region"]))
    transformed = translator.translate(written, dict(given), passthrough_metadata=True)
    return Stack.of(transformed, given)
