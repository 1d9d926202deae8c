"""Every state in which a version may leave a request, its session and the guards, brought about by the real code.

What brings a state about may differ from version to version; what the state is called may not.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from builders import NOW, a_result, some_evidence
from cancellations.answers import answer_for
from cancellations.domain import OWN_CALLERS
from cancellations.lookup import entry
from cancellations.protocol import Claim, guards
from cancellations.protocol.claiming import RESTORED_AFTER_S
from cancellations.protocol.requests import SWEEP_AFTER_S
from stage import LEASE_S, NOT_SENT, READ_TIMEOUT
from upgrades.scene import Scene

DAY_S = 24 * 3600.0


# ── On its way ────────────────────────────────────────────────────────────────────────────────────


def queued(scene: Scene) -> None:
    scene.arrives()


def asked_by_a_caller(scene: Scene) -> None:
    """Everything that a request may carry."""
    scene.arrives(
        source=OWN_CALLERS,
        cancel_without_email=True,
        reason="The case settled.",
        requested_by="arn:aws:iam::111122223333:role/calendar",
        starts_at=NOW + 7 * DAY_S,
    )


def message_lost(scene: Scene) -> None:
    scene.arrives()
    scene.messages.clear()


def put_again(scene: Scene) -> None:
    message_lost(scene)
    scene.clock.now += 11.0
    scene.arrives()


def swept(scene: Scene) -> None:
    message_lost(scene)
    scene.clock.now += SWEEP_AFTER_S[0] + 1
    scene.sweep()


def conflict(scene: Scene) -> None:
    scene.arrives()
    scene.arrives(remote_session_id="another-session")


def in_flight(scene: Scene) -> None:
    """The worker died with the session in its hands; its message comes again."""
    _claimed(scene)


def taken_over(scene: Scene) -> None:
    """So did the one after it."""
    held = _claimed(scene)
    scene.clock.now += LEASE_S + 1
    assert isinstance(scene.ledger.claim(scene.arrives(), scene.clock()), Claim), held


def recorded(scene: Scene) -> None:
    """The worker died between the record on the session and the settling of the request."""
    request = scene.arrives()
    held = scene.ledger.claim(request, scene.clock())
    assert isinstance(held, Claim)
    scene.ledger.record_canceled(request, held, ours=True, result=a_result(200), evidence=some_evidence(200))


def _claimed(scene: Scene) -> Claim:
    held = scene.ledger.claim(scene.arrives(), scene.clock())
    assert isinstance(held, Claim)
    return held


# ── Put off ───────────────────────────────────────────────────────────────────────────────────────


def retrying(scene: Scene) -> None:
    scene.arrives()
    scene.take(NOT_SENT)


def turned_away(scene: Scene) -> None:
    """For longer than the queue holds a message back; the organization's calls are counted meanwhile."""
    scene.arrives()
    scene.take(answer_for(429, None, 3600.0))


def breaker_open(scene: Scene) -> None:
    now = scene.clock()
    scene.table.write(guards.open_breaker("acme-legal", reason="HTTP 500", until=now + 30.0, now=now))
    scene.arrives()
    scene.take()


def waits_for_its_turn(scene: Scene) -> None:
    scene.organization = replace(scene.organization, per_second=0.1)
    scene.arrives()
    scene.take(200)
    scene.arrives(event_id="msg_2", remote_session_id="session-2")
    scene.take()


def lane_taken(scene: Scene) -> None:
    """By a worker that died in it."""
    scene.organization = replace(scene.organization, at_once=1)
    scene.table.write(guards.take_lane("acme-legal", 0, until=NOW + 90.0, now=NOW))
    scene.arrives()
    scene.take()


def key_refused(scene: Scene) -> None:
    scene.arrives()
    scene.take(401)


def paused(scene: Scene) -> None:
    scene.table.write(guards.pause("acme-legal", by="on call", reason="a test", now=NOW))
    scene.arrives()
    scene.take()


def over_cap(scene: Scene) -> None:
    scene.caps["acme"] = 0
    scene.arrives()
    scene.take()


def escalated(scene: Scene) -> None:
    scene.arrives(starts_at=NOW + 1800.0)
    scene.take(NOT_SENT)


def outcome_unknown(scene: Scene) -> None:
    scene.arrives()
    scene.take(READ_TIMEOUT)


def state_unreadable(scene: Scene) -> None:
    outcome_unknown(scene)
    scene.take()


def conflicted(scene: Scene) -> None:
    """Prevail says that the session is in the wrong state, and the list says that it is not."""
    scene.prevail.states["session-1"] = "ready"
    scene.arrives()
    scene.take(409)


def objected(scene: Scene) -> None:
    """Prevail objects, and the list that would say why is not answered."""
    scene.prevail.unread = READ_TIMEOUT
    scene.arrives()
    scene.take(410)


# ── Settled; the message of each comes once more ──────────────────────────────────────────────────


def canceled(scene: Scene) -> None:
    scene.arrives()
    scene.take(200, twice=True)


def already_canceled(scene: Scene) -> None:
    scene.arrives()
    scene.take(200)
    scene.arrives(event_id="msg_2", cancel_without_email=True)
    scene.take(twice=True)


def canceled_elsewhere(scene: Scene) -> None:
    scene.prevail.states["session-1"] = "canceled"
    scene.arrives()
    scene.take(409, twice=True)


def refused(scene: Scene) -> None:
    scene.arrives()
    scene.take(403, twice=True)


def too_old(scene: Scene) -> None:
    scene.arrives()
    scene.clock.now += DAY_S + 1
    scene.take(twice=True)


def doubt_for_a_person(scene: Scene) -> None:
    """The state stayed unreadable for an hour: the request has settled, the session is in doubt still."""
    outcome_unknown(scene)
    while scene.statuses()["msg_1"] != "needs_review":
        scene.take()
    scene.messages.clear()


def observed(scene: Scene) -> None:
    scene.arrives(observed=True)


# ── Asked for again, long after it was canceled ───────────────────────────────────────────────────


def in_flight_again(scene: Scene) -> None:
    """The worker died while it looked whether the session was put back."""
    _canceled_long_ago(scene)
    held = scene.ledger.claim(scene.arrives(event_id="msg_2"), scene.clock())
    assert isinstance(held, Claim)
    assert held.was_canceled


def still_canceled(scene: Scene) -> None:
    _canceled_long_ago(scene)
    scene.prevail.states["session-1"] = "canceled"
    scene.arrives(event_id="msg_2")
    scene.take(twice=True)


def restored(scene: Scene) -> None:
    _canceled_long_ago(scene)
    scene.prevail.states["session-1"] = "ready"
    scene.arrives(event_id="msg_2")
    scene.take(twice=True)


def _canceled_long_ago(scene: Scene) -> None:
    scene.arrives()
    scene.take(200)
    scene.clock.now += RESTORED_AFTER_S + 1


# ── Nobody's request ──────────────────────────────────────────────────────────────────────────────


def looked_up(scene: Scene) -> None:
    scene.table.write(entry("acme", "case-7", "session-7"))


STATES: Mapping[str, Callable[[Scene], None]] = {
    state.__name__: state
    for state in (
        *(queued, asked_by_a_caller, message_lost, put_again, swept, conflict),
        *(in_flight, taken_over, recorded),
        *(
            retrying,
            turned_away,
            breaker_open,
            waits_for_its_turn,
            lane_taken,
            key_refused,
            paused,
            over_cap,
            escalated,
        ),
        *(outcome_unknown, state_unreadable, conflicted, objected),
        *(in_flight_again, still_canceled, restored),
        *(canceled, already_canceled, canceled_elsewhere, refused, too_old, doubt_for_a_person, observed),
        looked_up,
    )
}
