"""The real template, deployed to the local AWS by the real `sam deploy`."""

import re
import tomllib
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from stack import processes, surroundings
from stack.aws import client, pages
from stack.build import last_lines
from stack.errors import Refused, StackError
from stack.http_json import NoAnswer, ask
from stack.places import CHECKOUT, SAM, SAMCONFIG
from stack.plan import Plan
from stack.processes import Guarded

_ROUTE = re.compile(r"^\s*Type:\s*['\"]?AWS::ApiGatewayV2::Route['\"]?\s*$", re.MULTILINE)
_HEALTH = "GET /v1/health"


def local_settings() -> Mapping[str, str]:
    """Those of the stack on this machine."""
    return settings("local")


def settings(environment: str) -> Mapping[str, str]:
    """What samconfig.toml says for [ENVIRONMENT.deploy]: stack_name, and the parameter overrides by name.

    Raises Refused where it has no such environment."""
    environments = tomllib.loads(SAMCONFIG.read_text())
    if not isinstance(environments.get(environment), dict):
        known = ", ".join(name for name, table in environments.items() if isinstance(table, dict))
        raise Refused(f"samconfig.toml has no environment {environment!r}. It has: {known}.")
    parameters = environments[environment]["deploy"]["parameters"]
    overrides = dict(pair.split("=", 1) for pair in parameters["parameter_overrides"].split())
    return {"stack_name": parameters["stack_name"], **overrides}


def overrides_for(plan: Plan, prevail_url: str, layers: Mapping[str, str] = {}) -> list[str]:
    """Every parameter as `Name="value"`; the command line's list replaces the one in samconfig.toml, so that one is
    in it too. layers: ARNs by the name of their parameter.

    BusAccounts stays empty: the local AWS has one account, and no policies of buses."""
    overrides = {name: value for name, value in local_settings().items() if name != "stack_name"}
    overrides |= {"PrevailUrl": prevail_url, **layers}
    buses = [s for s in plan.sources if s.bus_source and s.detail_type]
    if buses:
        overrides["BusEventSources"] = ",".join(dict.fromkeys(str(s.bus_source) for s in buses))
        overrides["BusDetailTypes"] = ",".join(dict.fromkeys(str(s.detail_type) for s in buses))
    return [f'{name}="{value}"' for name, value in overrides.items()]


def start_deploy(
    mark: str,
    template: Path,
    overrides: list[str],
    endpoint: str,
    log: Path,
    *,
    stack_name: str | None = None,
) -> Guarded:
    """stack_name: another than the one in samconfig.toml."""
    command: list[str | Path] = [
        SAM,
        "deploy",
        "--config-env",
        "local",
        "--config-file",
        SAMCONFIG,
        "--template-file",
        template,
    ]
    command += ["--stack-name", stack_name] if stack_name else []
    command += ["--no-progressbar", "--parameter-overrides", *overrides]
    environment = surroundings.for_sam(endpoint) | {processes.MARK: mark}
    return processes.start("sam deploy", command, env=environment, cwd=CHECKOUT, log=log)


def outputs(endpoint: str, stack_name: str | None = None) -> Mapping[str, str]:
    """The deployed stack's outputs. Raises StackError if it has none."""
    formation = client("cloudformation", endpoint)
    name = stack_name or local_settings()["stack_name"]
    stacks = formation.describe_stacks(StackName=name)["Stacks"]
    formation.close()
    found = {str(o["OutputKey"]): str(o["OutputValue"]) for o in stacks[0].get("Outputs", [])}
    if not found:
        raise StackError(f"`sam deploy` said it succeeded, but stack {name} has no outputs.")
    return found


def require_routes(template: Path, api_id: str, endpoint: str) -> tuple[str, ...]:
    """The API's route keys. A deployment can lose every route without a word: raises StackError unless there are as
    many as the template names."""
    wanted = len(_ROUTE.findall(template.read_text()))
    gateway = client("apigatewayv2", endpoint)
    routes = tuple(sorted(str(r["RouteKey"]) for r in pages(gateway, "get_routes", "Items", ApiId=api_id)))
    gateway.close()
    if len(routes) != wanted or not wanted:
        raise StackError(
            f"the template has {wanted} routes (AWS::ApiGatewayV2::Route), the deployed API {len(routes)}: "
            f"{', '.join(routes) or 'none'}. Write routes natively, with a literal Type line."
        )
    return routes


def require_health(api_url: str, routes: tuple[str, ...]) -> None:
    """The functions can be imported and answer. Raises StackError. Also warms the first of them up."""
    if _HEALTH not in routes:
        return
    try:
        status, answer = ask("GET", f"{api_url}/v1/health", timeout=30)
    except NoAnswer as error:
        raise StackError(f"the API does not answer: {error}") from error
    if status != HTTPStatus.OK:
        raise StackError(f"{_HEALTH} answers {status}: {answer}")


def failure(code: int, log: Path) -> StackError:
    return StackError(f"`sam deploy` failed (exit code {code}):\n{last_lines(log)}\nThe whole of it: {log}")
