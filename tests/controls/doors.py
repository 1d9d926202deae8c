"""The ways in: the HTTP API, the bus, and what the template asks of whoever deploys it."""

import json
import re
from collections.abc import Iterator

from controls.deployed import Properties, Stack

type Faults = Iterator[str]

LOGGED = {
    "requestTime",
    "requestId",
    "routeKey",
    "status",
    "integrationErrorMessage",
    "responseLatency",
    "identity.sourceIp",
}
"""No path, query string, header or body: each may carry what a sender must keep to itself."""
OUTCOMES = "prevail-cancellations"
OF_OUTCOMES = {"OutcomesToCallbacks"}
"""Rules of what we announce ourselves, here, of whatever kind."""
OPEN_TO_ALL = re.compile(r"(POST /v1/webhooks/\{source\}|(GET|HEAD) /v1/health)")


# ── The HTTP API ──────────────────────────────────────────────────────────────────────────────────


def stages(stack: Stack) -> dict[str, Properties]:
    return stack.of_type("AWS::ApiGatewayV2::Stage")


def calls_are_logged(stack: Stack) -> Faults:
    for name, stage in stages(stack).items():
        if not stage.get("AccessLogSettings", {}).get("DestinationArn"):
            yield name


def calls_are_logged_without_what_they_carry(stack: Stack) -> Faults:
    for name, stage in stages(stack).items():
        written = str(stage.get("AccessLogSettings", {}).get("Format", ""))
        fields = set(re.findall(r"\$context\.([A-Za-z.]+)", written))
        if fields - LOGGED or written.count("$") != len(fields):
            yield f"{name}: {', '.join(sorted(fields - LOGGED)) or written}"
        elif not _is_json(written):
            yield f"{name}: no JSON"


def _is_json(written: str) -> bool:
    try:
        json.loads(written)
    except json.JSONDecodeError:
        return False
    return True


def every_route_is_throttled(stack: Stack) -> Faults:
    keys = {route["RouteKey"] for route in stack.of_type("AWS::ApiGatewayV2::Route").values()}
    for name, stage in stages(stack).items():
        settings = {
            "every other route": stage.get("DefaultRouteSettings", {}),
            **stage.get("RouteSettings", {}),
        }
        for route, limits in settings.items():
            if not limits.get("ThrottlingRateLimit") or not limits.get("ThrottlingBurstLimit"):
                yield f"{name}: {route}"
        yield from (f"{name}: no route {key}" for key in stage.get("RouteSettings", {}) if key not in keys)


def webhooks_have_a_limit_of_their_own(stack: Stack) -> Faults:
    for name, stage in stages(stack).items():
        if "POST /v1/webhooks/{source}" not in stage.get("RouteSettings", {}):
            yield name


def every_route_says_who_may_call(stack: Stack) -> Faults:
    for name, route in stack.of_type("AWS::ApiGatewayV2::Route").items():
        needed = "NONE" if OPEN_TO_ALL.fullmatch(route["RouteKey"]) else "AWS_IAM"
        if route.get("AuthorizationType") != needed:
            yield f"{name}: {route.get('AuthorizationType', 'nobody is asked')}"


def a_name_of_our_own_is_the_only_one(stack: Stack) -> Faults:
    if not stack.values.get("ApiDomainName"):
        return
    for name, api in stack.of_type("AWS::ApiGatewayV2::Api").items():
        if api.get("DisableExecuteApiEndpoint") is not True:
            yield f"{name} has another one"


def a_name_of_our_own_speaks_tls_1_2(stack: Stack) -> Faults:
    for name, domain in stack.of_type("AWS::ApiGatewayV2::DomainName").items():
        for configured in domain["DomainNameConfigurations"]:
            if configured.get("SecurityPolicy") != "TLS_1_2":
                yield name


# ── The bus ───────────────────────────────────────────────────────────────────────────────────────


def rules(stack: Stack) -> dict[str, Properties]:
    return stack.of_type("AWS::Events::Rule")


def what_a_rule_cannot_deliver_is_tried_again(stack: Stack) -> Faults:
    for name, rule in rules(stack).items():
        for target in rule["Targets"]:
            retries = target.get("RetryPolicy", {})
            if not retries.get("MaximumRetryAttempts") or not retries.get("MaximumEventAgeInSeconds"):
                yield name


def what_a_rule_cannot_deliver_is_kept(stack: Stack) -> Faults:
    for name, rule in rules(stack).items():
        yield from (name for target in rule["Targets"] if not target.get("DeadLetterConfig", {}).get("Arn"))


def rules_take_events_of_named_accounts_sources_and_kinds(stack: Stack) -> Faults:
    others = [account for account in stack.values.get("BusAccounts", [""]) if account]
    for name, rule in rules(stack).items():
        pattern = rule.get("EventPattern", {})
        if name in OF_OUTCOMES and pattern == {"account": ["111122223333"], "source": [OUTCOMES]}:
            continue
        if pattern.get("account") != (others or ["111122223333"]):
            yield f"{name}: accounts {pattern.get('account', 'any')}"
        for key, parameter in (("source", "BusEventSources"), ("detail-type", "BusDetailTypes")):
            if not pattern.get(key) or pattern[key] != stack.values.get(parameter):
                yield f"{name}: {key} {pattern.get(key, 'any')}"


def other_accounts_put_events_of_named_kinds_only(stack: Stack) -> Faults:
    others = [account for account in stack.values.get("BusAccounts", [""]) if account]
    for name, bus in stack.of_type("AWS::Events::EventBus").items():
        granted = bus.get("Policy", {}).get("Statement", [])
        if bool(granted) != bool(others):
            yield f"{name}: {granted or 'nobody'}"
        for statement in granted:
            kinds = statement.get("Condition", {}).get("ForAllValues:StringEquals", {})
            if (
                statement["Principal"] != {"AWS": others}
                or statement["Action"] != "events:PutEvents"
                or set(kinds) != {"events:source", "events:detail-type"}
            ):
                yield f"{name}: {statement['Principal']} may {statement['Action']}"


# ── The template as a whole ───────────────────────────────────────────────────────────────────────


def no_secret_is_written_into_the_template(stack: Stack) -> Faults:
    for name, secret in stack.of_type("AWS::SecretsManager::Secret").items():
        if "SecretString" in secret:
            yield name


def no_parameter_carries_a_secret(stack: Stack) -> Faults:
    for name, parameter in stack.document.get("Parameters", {}).items():
        if parameter.get("NoEcho"):
            yield name


def parameters_take_what_they_can_mean_only(stack: Stack) -> Faults:
    needed = {
        "String": {"AllowedPattern", "AllowedValues"},
        "Number": {"AllowedValues", "MaxValue"},
        "CommaDelimitedList": {"AllowedPattern"},
    }
    for name, parameter in stack.document.get("Parameters", {}).items():
        if not needed[parameter["Type"]] & parameter.keys():
            yield name
