"""An older version goes on from what the present one writes, or leaves it alone: a deployment can be rolled back."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from builders import NOW, a_request, a_source
from cancellations import __version__, sentences, wait
from cancellations.admission import Received
from cancellations.configuration import LookupTable
from cancellations.errors import NewerVersion
from cancellations.find import Find
from cancellations.ledger import Ledger
from cancellations.lookup import Lookup, entry
from cancellations.protocol.requests import KEPT_FOR_S
from cancellations.settlement import NEWER_S, Postponed
from cancellations.sweep import Swept
from cancellations.versions import READS, SCHEMA, WRITES
from cancellations.work import Worked
from cancellations.writes import ConditionFailed
from upgrades import recording
from upgrades.recording import Recording
from upgrades.scene import Message, Scene, Typed, a_scene
from upgrades.states import STATES

NEWER: Typed = {"N": str(READS + 1)}
SAID_IN_FULL = {"status", "state", SCHEMA, "version"}
"""Words of which each has a meaning of its own, so that another one is another form."""

type Shape = set[tuple[str, ...]]

SENTENCES: Shape = {
    ("REQUEST", "waiting_for", "S"),
    ("REQUEST", "outcome", "evidence", "S"),
    ("SESSION", "outcomes", "*", "evidence", "S"),
    ("SESSION", "attempts", "[]", "answer", "S"),
}
"""What version 0.1.0 wrote for people, and shows nothing in place of: codes have taken their places."""

of_versions = pytest.mark.parametrize("version", recording.versions())


# ── What the present version writes ───────────────────────────────────────────────────────────────


def shape_of(was: Recording) -> Shape:
    """Every attribute of every item and message, with its type."""
    found = {(kind_of(item), *part) for item in was.items for part in parts_of({"M": item})}
    bodies = [json.loads(message.body) for message in was.messages]
    return found | {("message", *part) for body in bodies for part in parts_of(typed(body))}


def kind_of(item: Typed) -> str:
    return str(item["pk"]["S"]).split("#")[0]


def typed(value: object) -> Typed:
    return {"M": {n: typed(v) for n, v in value.items()}} if isinstance(value, dict) else {"V": value}


def parts_of(value: Typed, name: str = "") -> Iterator[tuple[str, ...]]:
    ((kind, held),) = value.items()
    match kind:
        case "M":
            for key, part in held.items():
                for below in parts_of(part, key):
                    yield ("*" if re.fullmatch("[0-9a-f]{64}", key) else key, *below)
        case "L":
            for part in held:
                yield from (("[]", *below) for below in parts_of(part))
        case "V":
            yield (str(held) if name in SAID_IN_FULL else type(held).__name__,)
        case _:
            yield (f"{kind} {held}" if name in SAID_IN_FULL else kind,)


def in_both() -> list[tuple[str, str]]:
    versions = recording.versions()
    return [
        (version, state) for version in versions for state in STATES if state in recording.states_of(version)
    ]


@pytest.mark.parametrize(("version", "state"), in_both())
def test_nothing_that_a_version_wrote_in_a_state_is_gone(version: str, state: str) -> None:
    """An older reader finds everything it knows, of the type it knows; what is new it passes over."""
    assert shape_of(recording.read(version, state)) - shape_of(recording.made(state)) <= SENTENCES


def test_no_sentence_of_an_older_version_is_written_any_more() -> None:
    """A code and a sentence for one fact could disagree after the older version writes one of them."""
    written = {part for state in STATES for part in shape_of(recording.made(state))}
    assert written & SENTENCES == set()


@pytest.mark.parametrize("state", STATES)
def test_the_present_version_is_recorded_as_it_is(state: str) -> None:
    """If this fails, what is stored has another form: `make recorded`, and let the change be seen."""
    assert shape_of(recording.made(state)) == shape_of(recording.read(__version__, state))


@of_versions
def test_a_version_reads_the_number_that_the_one_after_it_writes(version: str) -> None:
    """So that a step back is always possible: a new number is read by a release before another writes it."""
    following = recording.versions()[recording.versions().index(version) + 1 :][:1]
    written = {item[SCHEMA]["N"] for after in following for item in items_of(after)} or {str(WRITES)}
    assert max(map(int, written)) <= recording.reader_of(version)["reads"]


def kinds_in(state: str) -> list[str]:
    return [kind_of(item) for item in recording.read(__version__, state).items]


def items_of(version: str) -> list[Typed]:
    return [item for state in recording.states_of(version) for item in recording.read(version, state).items]


@of_versions
def test_no_session_is_in_a_state_that_an_older_version_has_no_word_for(version: str) -> None:
    known = set(recording.reader_of(version)["session_states"])
    assert set(recording.reader()["session_states"]) <= known


def test_what_is_written_can_be_read() -> None:
    assert WRITES <= READS


def test_every_record_has_its_number() -> None:
    assert [item["pk"] for item in items_of(__version__) if item.get(SCHEMA) != {"N": str(WRITES)}] == []


# ── What a newer version has written ──────────────────────────────────────────────────────────────

GUARDED = [state for state in STATES if {"GUARD", "CAP"} & set(kinds_in(state))]
"""States with a record that is asked before anything is sent to Prevail."""

CLAIMED = [
    state for state in STATES if kinds_in(state).count("SESSION") == kinds_in(state).count("REQUEST") > 0
]
"""States with a session for each request: whatever is decided there is decided on it."""


def newer(was: Recording) -> Recording:
    """The same by a version that this one cannot read; its messages are of before."""
    return replace(was, items=[{**item, SCHEMA: NEWER} for item in was.items])


def newer_message(message: Message) -> Message:
    return replace(message, body=json.dumps({**json.loads(message.body), "version": READS + 1}))


@pytest.mark.parametrize("after", [0.0, 2 * 86_400.0], ids=["soon", "too-old"])
@pytest.mark.parametrize("state", CLAIMED)
def test_what_a_newer_version_has_written_is_left_alone_and_loses_no_message(
    state: str, after: float
) -> None:
    with a_scene() as scene:
        leaves_alone(scene, newer(recording.read(__version__, state)), after)


@pytest.mark.parametrize("state", GUARDED)
def test_what_holds_calls_back_by_a_newer_versions_word_holds_them(state: str) -> None:
    with a_scene() as scene:
        scene.caps.update({"acme": 1000} if "CAP" in kinds_in(state) else {})
        leaves_alone(scene, newer(recording.read(__version__, state)))


def leaves_alone(scene: Scene, was: Recording, after: float = 0.0) -> None:
    was.brought_to(scene)
    scene.clock.now += after
    before = scene.stored()
    for _ in range(3 * len(was.messages)):
        scene.take()
    assert (scene.stored(), scene.prevail.patched) == (before, [])
    assert len(scene.messages) == len(was.messages)


@pytest.mark.parametrize("state", STATES)
def test_a_newer_message_calls_nobody_and_comes_again(state: str) -> None:
    """Whatever the records are: one of the same number may not be written yet."""
    with a_scene() as scene:
        was = recording.read(__version__, state)
        replace(was, messages=list(map(newer_message, was.messages))).brought_to(scene)
        for _ in was.messages:
            assert isinstance(scene.take(), NewerVersion)
        assert (scene.prevail.patched, len(scene.messages)) == ([], len(was.messages))


def test_a_request_whose_session_a_newer_version_has_written_waits_by_a_fresh_message() -> None:
    with a_scene() as scene:
        newer(recording.read(__version__, "outcome_unknown")).brought_to(scene)
        worked = scene.take()
        assert isinstance(worked, Worked)
        assert isinstance(worked.result, Postponed)
        assert (worked.result.status, worked.result.delay) == ("held", NEWER_S)
        said = sentences.waits(worked.result.waits)
        assert said == "a newer version has written this record: schema 2"


def test_the_sweep_leaves_newer_requests_and_says_so() -> None:
    with a_scene() as scene:
        newer(recording.read(__version__, "message_lost")).brought_to(scene)
        before = scene.stored()
        scene.clock.now += 7 * 86_400.0
        swept = scene.sweep()
        assert swept == Swept(failed=(f"REQUEST#{a_request().id}: a newer version has written this",))
        assert (scene.stored(), scene.messages) == (before, [])


@pytest.mark.parametrize("after", [1.0, KEPT_FOR_S + 1.0], ids=["known", "expired"])
def test_a_sender_whose_request_is_newer_is_told_to_come_again(after: float) -> None:
    with a_scene() as scene:
        newer(recording.read(__version__, "canceled")).brought_to(scene)
        before = scene.stored()
        scene.clock.now = NOW + after
        with pytest.raises(NewerVersion):
            scene.arrives()
        assert scene.stored() == before


@pytest.mark.parametrize("kind", ["REQUEST", "SESSION"])
def test_whoever_asks_after_a_newer_request_or_session_is_told_to_come_again(kind: str) -> None:
    with a_scene() as scene:
        was = recording.read(__version__, "canceled")
        items = [{**item, SCHEMA: NEWER} if kind_of(item) == kind else item for item in was.items]
        replace(was, items=items).brought_to(scene)
        with pytest.raises(NewerVersion):
            Find(scene.table, scene.clock)(a_request().id)


def test_nobody_is_told_an_outcome_that_a_newer_version_has_written() -> None:
    with a_scene() as scene:
        newer(recording.read(__version__, "canceled")).brought_to(scene)
        received = Received(a_request(), "queued", replayed=True)
        waits = wait.Wait(scene.table, scene.clock, lambda seconds: passes(scene, seconds))
        assert waits(received, 3, lambda: 29.0) is None


def passes(scene: Scene, seconds: float) -> None:
    scene.clock.now += seconds


def test_an_id_that_a_newer_version_noted_is_neither_believed_nor_overwritten() -> None:
    with a_scene() as scene:
        newer(recording.read(__version__, "looked_up")).brought_to(scene)
        with pytest.raises(NewerVersion):
            Lookup(scene.table)(a_source(lookup=LookupTable(None, "refuse")), "case-7")
        with pytest.raises(ConditionFailed):
            scene.table.write(entry("acme", "case-7", "session-7"))


def test_a_worker_whose_request_became_newer_meanwhile_does_not_take_it_for_settled() -> None:
    """The effect is on record on the session; the message comes again, and the newer version settles."""
    with a_scene() as scene:
        recording.read(__version__, "recorded").brought_to(scene)
        (request,) = (item for item in scene.stored() if kind_of(item) == "REQUEST")
        scene.put({**request, SCHEMA: NEWER})
        assert isinstance(scene.take(), NewerVersion)
        assert len(scene.messages) == 1


def test_a_number_that_is_none_is_not_read_either() -> None:
    with a_scene() as scene:
        recording.read(__version__, "canceled").brought_to(scene)
        (request,) = (item for item in scene.stored() if kind_of(item) == "REQUEST")
        scene.put({**request, SCHEMA: {"S": "1"}})
        with pytest.raises(NewerVersion):
            Ledger(scene.table, scene.names, 180.0).accept(a_request(), scene.clock())
