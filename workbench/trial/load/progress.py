"""How far a load has come."""

from dataclasses import dataclass

from trial.load.plan import Plan
from trial.load.posting import TAKEN, Tally
from trial.load.settling import Settling
from trial.load.times import quantile

LATELY_S = 5.0
"""What `rate` is taken over."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`posts` and `requests` are those planned. failures: posts that were not answered 202.

    rate: posts a second, lately. The times to answer are None where nothing has been answered, `left_s` (until the
    last post) where nobody can tell.
    """

    elapsed_s: float
    posts: int
    requests: int
    posted: int
    answered: int
    settled: int
    failures: int
    rate: float
    p50_ms: float | None
    p99_ms: float | None
    left_s: float | None


def progress(plan: Plan, tally: Tally, settling: Settling, now: float) -> Progress:
    began, posted = list(tally.began), list(tally.posted)
    lately = sum(now - moment < LATELY_S for moment in began) / max(min(now, LATELY_S), 1.0)
    took = sorted(one.took_ms for one in posted)
    return Progress(
        elapsed_s=now,
        posts=len(plan.posts),
        requests=plan.deliveries,
        posted=len(began),
        answered=len(posted),
        settled=len(settling.settled_at),
        failures=sum(one.answer != TAKEN for one in posted),
        rate=lately,
        p50_ms=quantile(took, 0.5) if took else None,
        p99_ms=quantile(took, 0.99) if took else None,
        left_s=_left(plan, len(began), lately, now),
    )


def _left(plan: Plan, posted: int, lately: float, now: float) -> float | None:
    if posted == len(plan.posts):
        return 0.0
    if plan.lasts_s is not None:
        return max(0.0, plan.lasts_s - now)
    return (len(plan.posts) - posted) / lately if lately else None
