"""The present version goes on from everything that an older one left, to the right end."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from builders import a_source
from cancellations.admission import Conflicted, Received
from cancellations.answers import Answer, answer_for
from cancellations.configuration import LookupTable
from cancellations.domain import Request, Status
from cancellations.find import Find
from cancellations.lookup import Lookup
from cancellations.messages import request_from
from cancellations.protocol import guards
from cancellations.settlement import Postponed
from cancellations.work import Worked
from cancellations.writes import Item
from upgrades import recording
from upgrades.scene import Message, Scene, Typed, a_scene
from upgrades.states import STATES

MORE = {"M": {"by": {"S": "a later version"}}}


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
    "recorded": settled("canceled"),
    "retrying": Ends(),
    "told_to_wait": Ends(),
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


def test_every_state_has_its_right_end() -> None:
    assert ENDS.keys() == STATES.keys() | {state for _, state in LEFT}


LEFT = [(version, state) for version in recording.versions() for state in recording.states_of(version)]
of_all_that_was_left = pytest.mark.parametrize(("version", "state"), LEFT)


def gone_on(scene: Scene, state: str) -> None:
    right = ENDS[state]
    scene.prevail.answers = [answer_for(a) if isinstance(a, int) else a for a in right.answers]
    scene.prevail.states.update(right.sessions)
    scene.caps["acme"] = 0 if state == "over_cap" else 1000
    if right.held:
        waits = scene.take()
        assert isinstance(waits, Worked)
        assert isinstance(waits.result, Postponed)
        assert (waits.result.status, waits.result.reason) == ("held", right.held)
    right.then(scene)
    scene.run()
    assert scene.statuses() == right.statuses
    assert len(scene.prevail.patched) == right.patches


@of_all_that_was_left
def test_what_a_version_left_goes_on_to_the_right_end(version: str, state: str) -> None:
    with a_scene() as scene:
        recording.read(version, state).brought_to(scene)
        gone_on(scene, state)


@of_all_that_was_left
def test_what_a_later_version_adds_is_passed_over_and_stays(version: str, state: str) -> None:
    """The same records with more in them, as the version after this one may write them under the same number."""
    with a_scene() as scene:
        was = recording.read(version, state)
        items = [with_more(item) for item in was.items]
        replace(was, items=items, messages=list(map(with_more_in_it, was.messages))).brought_to(scene)
        gone_on(scene, state)
        assert [item["added_later"] for item in scene.stored() if "added_later" in item] == [MORE] * len(
            items
        )


def with_more(item: Typed) -> Typed:
    """In the item, in each outcome and in each attempt."""
    changed = {**copy.deepcopy(dict(item)), "added_later": MORE}
    inside = [part["M"] for part in changed.get("attempts", {}).get("L", [])]
    inside += [outcome["M"] for outcome in changed.get("outcomes", {}).get("M", {}).values()]
    inside += [changed["outcome"]["M"]] if "outcome" in changed else []
    for part in inside:
        part["added_later"] = MORE
    return changed


def with_more_in_it(message: Message) -> Message:
    body = json.loads(message.body)
    body["request"]["added_later"] = body["added_later"] = {"by": "a later version"}
    return replace(message, body=json.dumps(body))


# ── Those who ask ─────────────────────────────────────────────────────────────────────────────────


def requests_of(scene: Scene) -> list[tuple[Request, Item]]:
    found = (item for key, item in scene.items().items() if key.startswith("REQUEST#"))
    return [(request_from(item), item) for item in found]


@of_all_that_was_left
def test_a_request_that_a_version_left_is_found_with_its_status(version: str, state: str) -> None:
    with a_scene() as scene:
        recording.read(version, state).brought_to(scene)
        for request, item in requests_of(scene):
            assert Find(scene.table)(request.id)["status"] == item["status"]


@of_all_that_was_left
def test_a_delivery_that_an_older_version_took_in_is_known(version: str, state: str) -> None:
    with a_scene() as scene:
        recording.read(version, state).brought_to(scene)
        for request, item in requests_of(scene):
            assert scene.admitted(request) == Received(request, cast("Status", item["status"]), replayed=True)
            other = replace(request, remote_session_id="yet-another")
            assert isinstance(scene.admitted(other), Conflicted)


def test_an_id_that_an_older_version_noted_means_the_same_session() -> None:
    for version in recording.versions():
        with a_scene() as scene:
            recording.read(version, "looked_up").brought_to(scene)
            source = a_source(lookup=LookupTable(None, "refuse"))
            assert Lookup(scene.table)(source, "case-7") == "session-7"
