"""Ledgers under test, and what tests do with them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from builders import a_result, some_evidence
from cancellations.domain import Outcome, Request
from cancellations.ledger import Ledger
from cancellations.ports import Table
from cancellations.protocol import Claim
from cancellations.writes import Item

NOW = 1_800_000_000.0
LEASE_S = 120.0
RACERS = 50


def a_ledger(table: Table) -> Ledger:
    names = count(1)
    return Ledger(table, lambda: f"owner-{next(names)}", LEASE_S)


def claimed(ledger: Ledger, request: Request, now: float = NOW) -> Claim:
    verdict = ledger.claim(request, now)
    assert isinstance(verdict, Claim), verdict
    return verdict


def canceled(ledger: Ledger, request: Request, held: Claim) -> Outcome:
    return ledger.record_canceled(request, held, ours=True, result=a_result(200), evidence=some_evidence(200))


def item(table: Table, key: str) -> Item:
    found = table.read(key)
    assert found is not None
    return found


def race[T](verdict: Callable[[], T]) -> list[T]:
    with ThreadPoolExecutor(RACERS) as threads:
        return [done.result() for done in [threads.submit(verdict) for _ in range(RACERS)]]
