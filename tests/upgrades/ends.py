"""What the right end of each state is, and how a version goes on to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cancellations import sentences
from cancellations.answers import Answer, answer_for
from cancellations.protocol import guards
from cancellations.settlement import Postponed
from cancellations.work import Worked
from upgrades.scene import Scene


@dataclass(frozen=True)
class Ends:
    """What a person would say the right end is. `patches`: how many calls it takes from there.

    held: what the present version says as long as nobody does what `then` does.
    """

    statuses: Mapping[str, str] = field(default_factory=lambda: {"msg_1": "canceled"})
    patches: int = 1
    answers: tuple[Answer | int, ...] = (200,)
    sessions: Mapping[str, str] = field(default_factory=lambda: {"session-1": "ready"})
    held: str | None = None
    then: Callable[[Scene], object] = lambda _: None


def settled(status: str, **others: str) -> Ends:
    """Nobody is called for a message that came twice."""
    return Ends({"msg_1": status, **others}, patches=0)


ENDS: Mapping[str, Ends] = {
    "queued": Ends(),
    "asked_by_a_caller": Ends(),
    "message_lost": Ends(),
    "put_again": Ends(),
    "swept": Ends(),
    "conflict": Ends(),
    # In doubt: the state decides whether there is anything left to do.
    "in_flight": Ends(),
    "taken_over": Ends(sessions={"session-1": "canceled"}, patches=0),
    "outcome_unknown": Ends(sessions={"session-1": "canceled"}, patches=0),
    "state_unreadable": Ends(),
    "conflicted": Ends(),
    "objected": Ends(),
    "in_flight_again": Ends(
        {"msg_1": "canceled", "msg_2": "already_canceled"}, sessions={"session-1": "canceled"}, patches=0
    ),
    "still_canceled": settled("canceled", msg_2="already_canceled"),
    "restored": settled("canceled", msg_2="needs_review"),
    "recorded": settled("canceled"),
    "retrying": Ends(),
    "told_to_wait": Ends(),  # as version 0.1.0 left it, with the breaker open
    "turned_away": Ends(),
    "breaker_open": Ends(),
    "waits_for_its_turn": Ends({"msg_1": "canceled", "msg_2": "canceled"}),
    "lane_taken": Ends(),
    "escalated": Ends(),
    "key_refused": Ends(),  # it is tried now and then, and works by now
    "paused": Ends(
        held="paused by on call: a test", then=lambda scene: scene.table.write(guards.resume("acme-legal"))
    ),
    "over_cap": Ends(
        held="source acme asked for more than 0 cancellations in an hour",
        then=lambda scene: scene.table.write(guards.release("acme", by="on call", now=scene.clock())),
    ),
    "canceled": settled("canceled"),
    "already_canceled": settled("canceled", msg_2="already_canceled"),
    "canceled_elsewhere": settled("already_canceled"),
    "refused": settled("refused"),
    "too_old": settled("needs_review"),
    "doubt_for_a_person": settled("needs_review"),
    "observed": settled("observed"),
    "looked_up": Ends({}, patches=0),
}


def gone_on(scene: Scene, state: str) -> None:
    right = ENDS[state]
    scene.prevail.answers = [answer_for(a) if isinstance(a, int) else a for a in right.answers]
    scene.prevail.states.update(right.sessions)
    scene.caps["acme"] = 0 if state == "over_cap" else 1000
    if right.held:
        waits = scene.take()
        assert isinstance(waits, Worked)
        assert isinstance(waits.result, Postponed)
        assert (waits.result.status, sentences.waits(waits.result.waits)) == ("held", right.held)
    right.then(scene)
    scene.run()
    assert scene.statuses() == right.statuses
    assert len(scene.prevail.patched) == right.patches
