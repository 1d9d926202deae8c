"""A load from beginning to end: made ready, posted, waited for, counted."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from functools import partial
from urllib.parse import unquote

from prevail.client import Emulator
from prevail.model import SessionReport
from stack import StackInfo
from trial.entrances import Sender
from trial.failing import Struck
from trial.load.deliveries import Deliveries
from trial.load.plan import Plan
from trial.load.posting import Clock, Door, Posted, Posting
from trial.load.progress import Progress, progress
from trial.load.result import Load
from trial.load.settling import Settling
from trial.load.times import times
from trial.watch import Watch

STALLED_AFTER_S = 60.0
"""Without a request that settles for this long, none will."""

PAUSE_S = 0.5
"""Between two looks: two calls a second are no load."""

NO_EFFECT = (None, "rate_limited")
"""What Prevail made of a PATCH that a fault or its limit kept out."""

type Show = Callable[[Progress], None]


def load(
    info: StackInfo,
    plan: Plan,
    threads: int,
    show: Show,
    *,
    stalled_after_s: float = STALLED_AFTER_S,
    tries: int = 1,
    struck: Sequence[Struck] = (),
) -> Load:
    """Posts by the plan from so many threads at most, and waits until all have settled or none does any more.

    tries: how often each webhook is posted, at most, until it is answered 202; its last answer counts.
    struck: what tells of the faults that are in force.
    """
    prevail, watch, deliveries = Emulator(info.prevail_url), Watch(info), Deliveries(info, plan.deliveries)
    deliveries.make_ready(prevail)
    dead_before = watch.dead_letters()
    settling, clock = Settling(watch), Clock()
    posting = Posting(
        plan, deliveries.signed, Door(partial(Sender, info), tries), threads=threads, clock=clock
    )

    def tell() -> None:
        show(progress(plan, posting.tally, settling, clock.now()))

    with posting.begun() as posted:
        _follow(posted, posting, settling, tell)
        posting_s = clock.now()
        _wait(settling, posting.tally.untaken(), clock, stalled_after_s, tell)
    settling_s = clock.now()
    answers, sessions = posting.tally.posted, deliveries.sessions(prevail)
    first = {one.request_id: one.due for one in answers if not one.post.again}
    return Load(
        requests=plan.deliveries,
        copies=plan.copies,
        rate=plan.rate,
        seed=plan.seed,
        answers=dict(Counter(one.answer for one in answers)),
        statuses=settling.statuses,
        changed_once=sum(one.state_changes == 1 for one in sessions),
        patched_once=_patched_once(prevail, sessions),
        patches=sum(one.patches for one in sessions),
        emails=sum(one.emails for one in sessions),
        dead_letters=watch.dead_letters() - dead_before,
        faults={fault: count for counted in struck for fault, count in counted().items()},
        posting_s=posting_s,
        settling_s=settling_s,
        behind_ms=_behind_ms(answers),
        answered=times(one.took_ms for one in answers),
        settled=times(
            (at - clock.began_at - first[request_id]) * 1000 for request_id, at in settling.settled_at.items()
        ),
    )


def _follow(posted: Future[None], posting: Posting, settling: Settling, show: Callable[[], None]) -> None:
    """Until all are answered. Raises what the posting raised."""
    seen = 0
    while not posted.done():
        wait([posted], PAUSE_S)
        seen = _expect(posting, settling, seen)
        settling.look()
        show()
    posted.result()
    _expect(posting, settling, seen)


def _expect(posting: Posting, settling: Settling, seen: int) -> int:
    new = posting.tally.posted[seen:]
    settling.expect(one.request_id for one in new)
    return seen + len(new)


def _wait(
    settling: Settling, refused: set[str], clock: Clock, stalled_after_s: float, show: Callable[[], None]
) -> None:
    """Until all have settled. refused: whose senders were never told 202: what is not stored now will not be."""
    last = clock.now()
    settling.look_at_all()
    settling.give_up(refused)
    while settling.waiting and clock.now() - last < stalled_after_s:
        if settling.look_at_all():
            last = clock.now()
        show()
        if settling.waiting:
            clock.wait_until(clock.now() + PAUSE_S)


def _behind_ms(answers: Sequence[Posted]) -> float:
    return max((one.began - one.due for one in answers), default=0.0) * 1000


def _patched_once(prevail: Emulator, sessions: Sequence[SessionReport]) -> int:
    """What a fault struck before it took effect does not count; only then the calls are looked through."""
    patches = {one.remote_session_id: one.patches for one in sessions}
    if any(count > 1 for count in patches.values()):
        for call in prevail.calls():
            session = unquote(call.path.split("/")[-2]) if call.path.endswith("/cancel") else ""
            if call.answer in NO_EFFECT and call.method == "PATCH" and session in patches:
                patches[session] -= 1
    return sum(count == 1 for count in patches.values())
