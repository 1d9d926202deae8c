"""All cells at once: their deliveries are sent, their calls struck, and all is watched until it is quiet."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cancellations.domain import SETTLED
from cancellations.protocol import request_key
from e2e.hurry import Hurry
from e2e.platform.cells import Cell, sent_for
from e2e.quiet import come_again_soon, function, until_quiet
from prevail.client import Emulator
from stack import StackInfo, client
from trial.calling import Caller
from trial.entrances import Sender, put, tell_sessions
from trial.platform.detour import divert
from trial.platform.proxy import Proxy, Rule, proxy_of
from trial.senders import BusEvent, Senders, Webhook
from trial.watch import Watch, outcome

QUIET_WITHIN_S = 300.0
SENDERS, WORKERS = 6, 8
"""Few: on the local stack each is a process of its own, and its start costs more than all that it does."""

TRIES = 8


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of a cell. `answers`: what its sender heard; `found`: what a caller hears who asks after it."""

    strikes: int
    answers: Sequence[int]
    ended: str
    found: str
    patches: int
    changes: int
    emails: int


@dataclass(frozen=True, slots=True)
class Storm:
    cells: Mapping[str, Seen]
    settled: int
    unsettled: int
    dead_letters: int
    calls: int
    took_s: float


def storm(info: StackInfo, cells: Sequence[Cell]) -> Storm:
    began = time.monotonic()
    _make_ready(info, cells)
    senders = Senders(info)
    sent = {cell.name: sent_for(senders, cell) for cell in cells}
    rules = [(cell.name, rule) for cell in cells for rule in cell.rules(sent[cell.name].requests[0].id)]
    with proxy_of(info) as proxy:
        divert(info, proxy.url)  # and not back: the stack ends here
        proxy.obey([rule for _, rule in rules])
        with ThreadPoolExecutor(SENDERS) as pool:
            answers = pool.map(lambda cell: _send(info, cell, sent[cell.name]), cells)
            said = dict(zip(sent, answers, strict=True))
        swept = {request_key(sent[cell.name].requests[0].id) for cell in cells if cell.swept}
        until_quiet(info, QUIET_WITHIN_S, Hurry(info, swept.__contains__))
        with ThreadPoolExecutor(SENDERS) as pool:
            callers = pool.map(lambda one: _found(info, one.requests[0].id), sent.values())
            found = dict(zip(sent, callers, strict=True))
        strikes = _strikes(proxy, rules)
        calls = proxy.seen()
    watch, sessions = Watch(info), {s.remote_session_id: s for s in Emulator(info.prevail_url).sessions()}
    seen = {}
    for name, one in sent.items():
        ended, at_prevail = outcome(watch.request(one.requests[0].id)), sessions[name]
        seen[name] = Seen(
            strikes[name],
            said[name],
            ended,
            found[name],
            at_prevail.patches,
            at_prevail.state_changes,
            at_prevail.emails,
        )
    rows = [row for row in Hurry(info).rows() if "fingerprint" in row]
    settled = sum(row["status"]["S"] in SETTLED for row in rows)
    return Storm(seen, settled, len(rows) - settled, watch.dead_letters(), calls, time.monotonic() - began)


def _make_ready(info: StackInfo, cells: Sequence[Cell]) -> None:
    come_again_soon(info)
    client("lambda", info.aws_endpoint_url).put_function_concurrency(
        FunctionName=function(info, "CancelFunction"), ReservedConcurrentExecutions=WORKERS
    )
    prevail = Emulator(info.prevail_url)
    prevail.put_sessions(
        {
            "remote_session_id": cell.name,
            "organization": cell.name,
            "state": cell.call.state,
            "participants": ["participant@example.com"],
        }
        for cell in cells
    )
    for cell in cells:
        if cell.call.prevail:
            prevail.add_fault(cell.call.prevail, method="PATCH", session=cell.name, count=1)


def _send(info: StackInfo, cell: Cell, sent: Webhook | BusEvent) -> list[int]:
    """As a sender does: again, until it is taken."""
    if sent.mapped:
        tell_sessions(info, sent)
    if isinstance(sent, BusEvent):
        put(info, sent)
        return []
    answers: list[int] = []
    sender = Sender(info)
    for _ in range(1 if cell.call.start == "lost message" else TRIES):
        answers.append(sender.post(sent).status_code)
        if answers[-1] == 202:
            break
    return answers


def _found(info: StackInfo, request_id: str) -> str:
    caller = Caller.of_stack(info)
    for _ in range(TRIES):
        if (answer := caller.found(request_id)).ok:
            return str(answer.json()["status"])
    return str(answer.status_code)


def _strikes(proxy: Proxy, rules: Sequence[tuple[str, Rule]]) -> Mapping[str, int]:
    """How often each cell's own rule has struck: the last of its rules."""
    return {name: strikes for (name, _), strikes in zip(rules, proxy.strikes(), strict=True)}
