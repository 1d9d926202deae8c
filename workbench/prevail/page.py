"""The page at /: what the emulator holds, what it saw, and how it is set to behave. No script; it reloads itself."""

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from prevail.faults.reading import written
from prevail.markup import Cell, at, bars, clock, code, table, tag, text, tiles, titled
from prevail.model import Call, Session
from prevail.service import Service
from prevail.switch import spelled
from prevail.switches import SWITCHES
from prevail.tls import TlsListeners

CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
REFRESH_S = 2

_ROWS = 50
_SECONDS = 120
_STYLE = Path(__file__).with_name("page.css").read_text()
_STATES = {"canceled": "bad", "active": "warn", "initial": ""}
_REDIRECTS, _REFUSALS = 300, 400
_WHERE = ("method", "path", "session", "organization", "share", "count", "for_s")


def page(service: Service, tls: TlsListeners) -> str:
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="{REFRESH_S}">
<meta name="viewport" content="width=device-width"><title>Prevail emulator</title><style>{_STYLE}</style></head><body>
<header><h1>Prevail emulator</h1><p>{at(service.now())} UTC by its clock · reloads every {REFRESH_S} s ·
<a href="/openapi.json">OpenAPI</a></p></header><main>
{"\n".join(_parts(service, tls))}
<footer>Set with PUT /_emulator/switches, /_emulator/faults and /_emulator/tls; see docs/emulator.md.</footer>
</main></body></html>
"""


def _parts(service: Service, tls: TlsListeners) -> Iterator[Cell]:
    yield _totals(service)
    yield _per_second(service)
    yield _faults(service)
    yield _changed_switches(service)
    if tls.urls:
        rows = [(code(kind), code(url)) for kind, url in tls.urls.items()]
        yield table("TLS", "listeners that are open", ("certificate", "address"), rows)
    yield _sessions(service)
    yield _calls(service)
    yield _outbox(service)
    if service.world.postbacks:
        yield _postbacks(service)
    yield _switches(service)


def _totals(service: Service) -> Cell:
    totals = service.totals()
    return tiles(
        (
            ("calls", service.log.count),
            ("PATCHes", totals.patches),
            ("canceled", totals.state_changes),
            ("cancel e-mails", totals.emails),
            ("invitations", totals.invitations),
            ("unauthorized", totals.unauthorized),
            ("over the limit", totals.rate_limited),
            ("met a fault", totals.faults),
        )
    )


def _per_second(service: Service) -> Cell:
    now = int(service.now())
    heights = [service.log.seconds.get(second, 0) for second in range(now - _SECONDS + 1, now + 1)]
    note = f"the last {_SECONDS} seconds, at most {max(heights)} in one"
    return titled("Calls per second", note, bars(heights, note))


def _faults(service: Service) -> Cell:
    now = service.now()
    rows = []
    for rule in service.faults.rules:
        row = written(rule)
        told = [name for name in _WHERE if name in row and (name, row[name]) != ("share", 1.0)]
        meets = ", ".join(f"{name} {row[name]}" for name in told) or "every call"
        state = tag("in force", "warn") if rule.in_force(now) else tag("over")
        rows.append((code(rule.fault.text), state, text(meets), text(rule.hits)))
    return table(
        "Faults", "beside those that ids of sessions ask for", ("fault", "state", "meets", "hits"), rows
    )


def _changed_switches(service: Service) -> Cell:
    board = service.board
    everywhere = [("everybody", name, value) for name, value in board.changes.items()]
    own = [(slug, name, value) for slug, changes in board.own.items() for name, value in changes.items()]
    rows = [
        (text(whose), code(name), tag(spelled(value), "warn"), text(spelled(SWITCHES[name].default)))
        for whose, name, value in [*everywhere, *own]
        if value != SWITCHES[name].default or whose != "everybody"
    ]
    return table("Switches", "that do not stand at what is assumed", ("for", "switch", "at", "assumed"), rows)


def _sessions(service: Service) -> Cell:
    sessions = service.world.sessions
    called = (name for name in reversed(service.log.called) if name in sessions)
    others = (name for name in reversed(sessions) if name not in service.log.called)
    names = list(islice(chain(called, others), _ROWS))
    heads = ("session", "state", "organization", "title", "starts", "PATCHes", "changes", "e-mails")
    rows = [_session(service, sessions[name]) for name in names]
    return table("Sessions", f"{len(names)} of {len(sessions)}, the last called first", heads, rows)


def _session(service: Service, session: Session) -> tuple[Cell, ...]:
    report = service.report(session)
    return (
        code(session.remote_session_id),
        tag(session.state, _STATES.get(session.state, "good")),
        text(session.organization),
        text(session.title),
        at(session.starts_at),
        text(report.patches),
        text(report.state_changes),
        text(report.emails),
    )


def _calls(service: Service) -> Cell:
    rows = [_call(call) for call in reversed(service.log.since(service.log.count - _ROWS))]
    heads = ("#", "at", "call", "organization", "status", "answer", "fault")
    return table("Calls", f"the last {_ROWS}, the newest first", heads, rows)


def _call(call: Call) -> tuple[Cell, ...]:
    if call.status is None:
        status = tag("none", "warn")
    else:
        kind = "good" if call.status < _REDIRECTS else "warn" if call.status < _REFUSALS else "bad"
        status = tag(call.status, kind)
    answer = (call.answer or "").replace("_", " ") + (f": {call.why}" if call.why else "")
    query = f"?{call.query}" if call.query else ""
    return (
        text(call.index),
        clock(call.at),
        code(f"{call.method} {call.path}{query}"),
        text(call.slug or ""),
        status,
        text(answer),
        tag(call.fault, "warn") if call.fault else "",
    )


def _outbox(service: Service) -> Cell:
    rows = [
        (clock(one.at), text(one.to), text(one.subject), code(one.remote_session_id))
        for one in reversed(service.world.outbox[-_ROWS:])
    ]
    note = f"{len(service.world.outbox)} e-mails, the newest first"
    return table("Outbox", note, ("at", "to", "subject", "session"), rows)


def _postbacks(service: Service) -> Cell:
    rows = [
        (clock(one.at), code(one.url), code(one.remote_session_id), text(one.outcome))
        for one in reversed(service.world.postbacks[-_ROWS:])
    ]
    return table("Postbacks", "the newest first", ("at", "to", "session", "outcome"), rows)


def _switches(service: Service) -> Cell:
    values = service.board.everywhere.values()
    rows = [
        (code(one.name), text(spelled(values[one.name])), text(one.choices), text(one.why))
        for one in SWITCHES.values()
    ]
    return table(
        "All switches", "the first choice is what is assumed", ("switch", "at", "may be", "why"), rows
    )
