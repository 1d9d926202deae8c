"""What keeps calls from being made: pauses, refused keys and the breaker."""

import pytest

from builders import API_KEY, NOW
from cancellations.errors import Unavailable
from cancellations.guards import (
    KEPT_S,
    KEY_AGAIN_S,
    Guards,
)
from cancellations.protocol import guards as writes
from cancellations.protocol.guards import guard_key
from cancellations.writes import Item
from fakes import MemoryTable
from guarding import ACME, FINE, OTHER, OTHER_KEY, REFUSED, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_nothing_holds_a_new_organization(stage: Stage) -> None:
    assert stage.process().hold(ACME, API_KEY) is None


def test_a_guard_that_cannot_be_read_lets_nothing_through(stage: Stage) -> None:
    class Silent(MemoryTable):
        def read(self, key: str) -> Item | None:
            raise Unavailable(key)

    with pytest.raises(Unavailable):
        Guards(Silent(), stage.clock, lambda: 0.0).hold(ACME, API_KEY)


def test_a_guard_is_read_once_in_a_while(stage: Stage) -> None:
    reads: list[str] = []

    class Counting(MemoryTable):
        def read(self, key: str) -> Item | None:
            reads.append(key)
            return super().read(key)

    guards = Guards(Counting(), stage.clock, lambda: 0.0)
    for _ in range(10):
        guards.hold(ACME, API_KEY)
    assert reads == [guard_key("acme-legal")]
    stage.clock.now += KEPT_S
    guards.hold(ACME, API_KEY)
    assert len(reads) == 2


# ── By hand ───────────────────────────────────────────────────────────────────────────────────────


def test_a_pause_holds_and_says_whose_it_is_and_why(stage: Stage) -> None:
    stage.table.write(writes.pause("acme-legal", by="on call", reason="Prevail asked us to", now=NOW))
    hold = stage.process().hold(ACME, API_KEY)
    assert hold is not None
    assert (hold.status, hold.reason) == ("held", "paused by on call: Prevail asked us to")


def test_a_pause_holds_its_organization_alone(stage: Stage) -> None:
    stage.table.write(writes.pause("acme-legal", by="on call", reason="a test", now=NOW))
    assert stage.process().hold(OTHER, API_KEY) is None


def test_a_pause_reaches_a_process_that_has_read_the_guard_before(stage: Stage) -> None:
    guards = stage.process()
    guards.hold(ACME, API_KEY)
    stage.table.write(writes.pause("acme-legal", by="on call", reason="a test", now=NOW))
    stage.clock.now += KEPT_S
    assert guards.hold(ACME, API_KEY) is not None


def test_resuming_ends_a_pause(stage: Stage) -> None:
    stage.table.write(writes.pause("acme-legal", by="on call", reason="a test", now=NOW))
    stage.table.write(writes.resume("acme-legal"))
    assert stage.process().hold(ACME, API_KEY) is None


def test_since_when_it_is_paused_stays_when_the_reason_changes(stage: Stage) -> None:
    stage.table.write(writes.pause("acme-legal", by="on call", reason="a test", now=NOW))
    item = stage.table.write(writes.pause("acme-legal", by="on call", reason="longer", now=NOW + 60))
    assert (item["paused_at"], item["paused_reason"]) == (NOW, "longer")


# ── The key ───────────────────────────────────────────────────────────────────────────────────────


def test_a_refused_key_holds_every_process(stage: Stage) -> None:
    stage.process().saw(ACME, REFUSED, API_KEY)
    hold = stage.process().hold(ACME, API_KEY)
    assert hold is not None
    assert (hold.status, hold.reason) == ("held", "Prevail refuses the API key")


def test_another_key_is_not_held(stage: Stage) -> None:
    stage.process().saw(ACME, REFUSED, API_KEY)
    assert stage.process().hold(ACME, OTHER_KEY) is None


def test_a_key_that_works_takes_the_note_away(stage: Stage) -> None:
    stage.process().saw(ACME, REFUSED, API_KEY)
    guards = stage.process()
    guards.hold(ACME, OTHER_KEY)
    guards.saw(ACME, FINE, OTHER_KEY)
    assert "key_refused" not in (stage.table.read(guard_key("acme-legal")) or {})


def test_a_refused_key_is_tried_again_by_one_after_a_while(stage: Stage) -> None:
    stage.process().saw(ACME, REFUSED, API_KEY)
    stage.clock.now += KEY_AGAIN_S - 1
    assert stage.process().hold(ACME, API_KEY) is not None
    stage.clock.now += 1
    holds = [stage.process().hold(ACME, API_KEY) for _ in range(5)]
    assert holds.count(None) == 1


def test_of_two_who_think_that_it_is_time_one_tries_a_refused_key(stage: Stage) -> None:
    stage.process().saw(ACME, REFUSED, API_KEY)
    first, second = stage.process(), stage.process()
    stage.clock.now += KEY_AGAIN_S - 1
    assert None not in [process.hold(ACME, API_KEY) for process in (first, second)]
    stage.clock.now += 1  # what both have read is still believed
    assert [process.hold(ACME, API_KEY) for process in (first, second)].count(None) == 1


def test_a_key_that_works_after_all_is_held_no_longer(stage: Stage) -> None:
    stage.process().saw(ACME, REFUSED, API_KEY)
    stage.clock.now += KEY_AGAIN_S
    guards = stage.process()
    guards.hold(ACME, API_KEY)
    guards.saw(ACME, FINE, API_KEY)
    assert [stage.process().hold(ACME, API_KEY) for _ in range(3)] == [None] * 3


def test_a_key_that_is_refused_again_is_held_as_long_again(stage: Stage) -> None:
    stage.process().saw(ACME, REFUSED, API_KEY)
    stage.clock.now += KEY_AGAIN_S
    stage.process().hold(ACME, API_KEY)
    stage.process().saw(ACME, REFUSED, API_KEY)
    stage.clock.now += KEY_AGAIN_S - 1
    assert stage.process().hold(ACME, API_KEY) is not None


def test_who_was_to_try_a_refused_key_and_made_no_call_leaves_it_to_the_next(stage: Stage) -> None:
    stage.process().saw(ACME, REFUSED, API_KEY)
    stage.clock.now += KEY_AGAIN_S
    trying = stage.process()
    trying.hold(ACME, API_KEY)
    trying.let_go(ACME)
    assert stage.process().hold(ACME, API_KEY) is None


def test_who_has_tried_a_refused_key_gives_nobody_the_right_to_try_it_at_once(stage: Stage) -> None:
    stage.process().saw(ACME, REFUSED, API_KEY)
    stage.clock.now += KEY_AGAIN_S
    trying = stage.process()
    trying.hold(ACME, API_KEY)
    trying.saw(ACME, REFUSED, API_KEY)
    trying.let_go(ACME)
    assert stage.process().hold(ACME, API_KEY) is not None


def test_the_key_itself_is_nowhere_in_the_table(stage: Stage) -> None:
    stage.process().saw(ACME, REFUSED, API_KEY)
    assert API_KEY not in str(stage.table.items)
