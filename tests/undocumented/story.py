"""Plays the steps under one setting, and collects what the ledger and the emulator say afterwards."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from builders import ACCOUNT, a_bus_source, some_expressions
from cancellations.claims import outcome_of
from cancellations.configuration import Source
from cancellations.domain import BusMatch, Outcome
from cancellations.protocol import request_key
from cancellations.writes import Item, number
from prevail.model import Call, SessionReport
from simulation.fleet import Fleet
from undocumented.emulated import Site
from undocumented.steps import ACME, CALENDAR, DAY_S, OTHER, PLAIN, SESSIONS, STEPS, Session, Step
from undocumented.switch_settings import Setting

LASTS_S = DAY_S + 2 * 3600
"""Longer than any request lives."""

ORGANIZATIONS = {ACME: True, OTHER: True, PLAIN: False}


@dataclass(frozen=True, slots=True)
class Became:
    """What came of a step. outcome and wait (in virtual seconds) are None if it has not settled."""

    step: Step
    outcome: Outcome | None
    wait: float | None
    status: str
    waits_for: str


@dataclass(frozen=True, slots=True)
class Played:
    """reports: what the emulator says of each session, by id. lost: dead letters.

    canceled_before: sessions that were canceled, and their participants mailed, before the story began.
    """

    became: tuple[Became, ...]
    reports: Mapping[str, SessionReport]
    calls: tuple[Call, ...]
    lost: int
    canceled_before: frozenset[str]


def play(
    site: Site,
    setting: Setting,
    steps: Sequence[Step] = STEPS,
    sessions: Sequence[Session] = SESSIONS,
    *,
    concurrency: int | None = None,
) -> Played:
    with site.fleet(ORGANIZATIONS, the_calendar(), concurrency=concurrency) as fleet:
        emulator = site.emulator
        emulator.put_sessions(
            {
                "remote_session_id": one.name,
                "organization": one.organization,
                "state": one.state,
                "starts_at": int(fleet.flow.now + DAY_S),
            }
            for one in sessions
        )
        emulator.put_switches(**setting)
        for step in steps:
            deliver(fleet, step)
        fleet.run(float("inf"), LASTS_S)
        reports = {report.remote_session_id: report for report in emulator.sessions()}
        canceled_before = frozenset(one.name for one in sessions if one.state == "canceled")
        became = tuple(_became(step, fleet.table.items) for step in steps if not step.again)
        return Played(became, reports, tuple(emulator.calls()), fleet.queue.lost, canceled_before)


def deliver(fleet: Fleet, step: Step) -> None:
    request = step.request
    if step.source == CALENDAR:
        fleet.flow.at(request.accepted_at, lambda: fleet.on_the_bus(_bus_event(step)))
    else:
        fleet.deliver(request)


def the_calendar() -> Source:
    """A source of events on the bus."""
    wanted: dict[str, Any] = {
        name: f"body.detail.{name}"
        for name in ("event_id", "remote_session_id", "cancel_without_email", "starts_at")
    }
    return a_bus_source(
        name=CALENDAR,
        expressions=some_expressions(organization=ACME, **wanted),
        bus=BusMatch("com.acme.calendar", "Canceled", None),
    )


def _bus_event(step: Step) -> str:
    request = step.request
    detail = {
        "event_id": request.event_id,
        "remote_session_id": request.remote_session_id,
        "cancel_without_email": request.cancel_without_email,
    }
    about = {"account": ACCOUNT, "source": "com.acme.calendar", "detail-type": "Canceled"}
    return json.dumps({**about, "detail": detail})


def _became(step: Step, items: Mapping[str, Item]) -> Became:
    item = items.get(request_key(step.request.id), {})
    settled_at = number(item, "settled_at")
    return Became(
        step,
        outcome_of(item, ("outcome",)) if "outcome" in item else None,
        None if settled_at is None else settled_at - step.request.accepted_at,
        str(item.get("status", "not accepted")),
        str(item.get("waiting_for", "")),
    )
