"""The present version goes on from everything that an older one left, to the right end."""

import copy
import json
from dataclasses import replace
from typing import cast

import pytest

from builders import a_source
from cancellations.admission import Conflicted, Received
from cancellations.configuration import LookupTable
from cancellations.domain import Request, Status
from cancellations.find import Find
from cancellations.lookup import Lookup
from cancellations.messages import request_from
from cancellations.writes import Item
from upgrades import recording
from upgrades.ends import ENDS, gone_on
from upgrades.scene import Message, Scene, Typed, a_scene
from upgrades.states import STATES

MORE = {"M": {"by": {"S": "a later version"}}}


def test_every_state_has_its_right_end() -> None:
    assert ENDS.keys() == STATES.keys() | {state for _, state in LEFT}


LEFT = [(version, state) for version in recording.versions() for state in recording.states_of(version)]
of_all_that_was_left = pytest.mark.parametrize(("version", "state"), LEFT)


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
            assert Find(scene.table, scene.clock)(request.id)["status"] == item["status"]


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
