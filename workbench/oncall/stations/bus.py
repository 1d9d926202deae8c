"""Do the events of every bus source reach the queue? A rule lets them through, or nobody ever hears of them."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from cancellations.configuration import Source
from cancellations.domain import BusMatch
from oncall.finding import Finding, Unanswered, asked, failed, ok, skipped
from oncall.visit import Visit


def look(visit: Visit) -> Iterator[Finding]:
    sources = visit.configuration.sources.values() if visit.configuration else ()
    ours = [(source, source.bus) for source in sources if source.bus]
    if not ours:
        yield skipped("rules", "no source of the configuration sends events")
        return
    if visit.deployment.bus is None:
        yield skipped("rules", "which bus it is, only a stack tells", "--stack STACK")
        return
    patterns: list[dict[str, Any]] = []
    for bus in filter(None, (visit.deployment.bus, visit.deployment.parameters.get("PartnerBusName"))):
        told = asked(partial(visit.client("events").list_rules, EventBusName=bus))
        if isinstance(told, Unanswered):
            yield told.found(f"bus {bus}", local=visit.local)
            continue
        for rule in told["Rules"]:
            if rule["State"] == "DISABLED":
                yield failed(
                    f"rule {rule['Name']}",
                    "is disabled: its events are lost",
                    f"aws events enable-rule --event-bus-name {bus} --name {rule['Name']}",
                )
            else:
                patterns.append(json.loads(rule.get("EventPattern", "{}")))
    for source, match in ours:
        yield _let_through(source, match, patterns)


def _let_through(source: Source, match: BusMatch, patterns: list[dict[str, Any]]) -> Finding:
    name = f"source {source.name}"
    for pattern in patterns:
        sources, details = pattern.get("source", []), pattern.get("detail-type", [])
        accounts = pattern.get("account", [])
        if match.source in sources and match.detail_type in details and match.account in (None, *accounts):
            return ok(name, f"a rule lets {match.source}, {match.detail_type} through to the queue")
    return failed(
        name,
        f"no rule in force lets {match.source}, {match.detail_type} through",
        "deploy with both in BusEventSources and BusDetailTypes, its account in BusAccounts",
    )
