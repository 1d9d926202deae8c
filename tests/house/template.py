"""template.yaml as it is written, before SAM transforms it."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
type Properties = dict[str, Any]


class Tagged(yaml.SafeLoader):
    """Reads `!Ref x` and `!GetAtt x.y` as what they stand for: {"Ref": "x"}, {"Fn::GetAtt": "x.y"}."""


def _intrinsic(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    key = name if name in {"Ref", "Condition"} else f"Fn::{name}"
    if isinstance(node, yaml.SequenceNode):
        return {key: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.ScalarNode)
    return {key: loader.construct_scalar(node)}


Tagged.add_multi_constructor("!", _intrinsic)


@cache
def template() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), Tagged)  # noqa: S506 - a SafeLoader
    return parsed


def of_type(kind: str) -> dict[str, Properties]:
    found = {name: r["Properties"] for name, r in template()["Resources"].items() if r["Type"] == kind}
    assert found, kind
    return found


def authorization_of_routes() -> dict[str, str]:
    """By route key, such as `GET /v1/health`."""
    routes = of_type("AWS::ApiGatewayV2::Route").values()
    return {route["RouteKey"]: route["AuthorizationType"] for route in routes}
