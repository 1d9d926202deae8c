"""What keeps calls from being made: pauses and refused keys."""

import pytest

from builders import API_KEY, NOW
from cancellations import sentences
from cancellations.errors import Unavailable
from cancellations.guard_items import KEPT_S, GuardItems
from cancellations.permits import KEY_AGAIN_S, Hold, Permits
from cancellations.protocol import guards as writes
from cancellations.protocol.guards import guard_key
from cancellations.waits import Waits
from cancellations.writes import Item
from fakes import MemoryTable
from guarding import ACME, OTHER, OTHER_KEY, Stage, asked, granted


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_nothing_holds_a_new_organization(stage: Stage) -> None:
    assert stage.hold() is None


def test_a_guard_that_cannot_be_read_lets_nothing_through(stage: Stage) -> None:
    class Silent(MemoryTable):
        def read(self, key: str) -> Item | None:
            raise Unavailable(key)

    silent = Permits(Silent(), stage.clock, lambda: 0.0, GuardItems(Silent(), stage.clock))
    with pytest.raises(Unavailable), silent.permit(ACME, API_KEY):
        pass


def test_a_guard_is_read_once_in_a_while(stage: Stage) -> None:
    reads: list[str] = []

    class Counting(MemoryTable):
        def read(self, key: str) -> Item | None:
            reads.append(key)
            return super().read(key)

    table = Counting()
    process = Permits(table, stage.clock, lambda: 0.0, GuardItems(table, stage.clock))
    for _ in range(10):
        stage.hold(process)
    assert reads == [guard_key("acme-legal")]
    stage.clock.now += KEPT_S + 1
    stage.hold(process)
    assert len(reads) == 2


def test_to_ask_writes_nothing(stage: Stage) -> None:
    stage.refuse()
    before = stage.table.writes
    assert stage.hold() is not None
    assert stage.hold(key=OTHER_KEY) is None
    assert stage.table.writes == before


# ── By hand ───────────────────────────────────────────────────────────────────────────────────────


def test_a_pause_holds_and_says_whose_it_is_and_why(stage: Stage) -> None:
    stage.table.write(writes.pause("acme-legal", by="on call", reason="Prevail asked us to", now=NOW))
    hold = stage.hold()
    assert hold is not None
    assert (hold.status, sentences.waits(hold.waits)) == ("held", "paused by on call: Prevail asked us to")


def test_a_pause_holds_its_organization_alone(stage: Stage) -> None:
    stage.table.write(writes.pause("acme-legal", by="on call", reason="a test", now=NOW))
    with stage.process().permit(OTHER, API_KEY) as permit:
        assert not isinstance(permit, Hold)


def test_a_pause_reaches_a_process_that_has_read_the_guard_before(stage: Stage) -> None:
    process = stage.process()
    stage.hold(process)
    stage.table.write(writes.pause("acme-legal", by="on call", reason="a test", now=NOW))
    stage.clock.now += KEPT_S + 1
    assert stage.hold(process) is not None


def test_resuming_ends_a_pause(stage: Stage) -> None:
    stage.table.write(writes.pause("acme-legal", by="on call", reason="a test", now=NOW))
    stage.table.write(writes.resume("acme-legal"))
    assert stage.hold() is None


def test_since_when_it_is_paused_stays_when_the_reason_changes(stage: Stage) -> None:
    stage.table.write(writes.pause("acme-legal", by="on call", reason="a test", now=NOW))
    item = stage.table.write(writes.pause("acme-legal", by="on call", reason="longer", now=NOW + 60))
    assert (item["paused_at"], item["paused_reason"]) == (NOW, "longer")


# ── The key ───────────────────────────────────────────────────────────────────────────────────────


def test_a_refused_key_holds_every_process(stage: Stage) -> None:
    stage.refuse()
    hold = stage.hold()
    assert hold is not None
    assert (hold.status, hold.waits) == ("held", Waits("key_refused"))


def test_another_key_is_not_held(stage: Stage) -> None:
    stage.refuse()
    assert stage.hold(key=OTHER_KEY) is None


def test_a_key_that_works_takes_the_note_away(stage: Stage) -> None:
    stage.refuse()
    with granted(stage.process(), OTHER_KEY) as permit:
        permit.answered()
    assert "key_refused" not in (stage.table.read(guard_key("acme-legal")) or {})


def test_a_refused_key_is_tried_again_by_one_after_a_while(stage: Stage) -> None:
    stage.refuse()
    stage.clock.now += KEY_AGAIN_S - 1
    assert stage.hold() is not None
    stage.clock.now += 1
    with granted(stage.process()):
        assert None not in [stage.hold() for _ in range(5)]


def test_of_two_who_think_that_it_is_time_one_tries_a_refused_key(stage: Stage) -> None:
    stage.refuse()
    first, second = stage.process(), stage.process()
    stage.clock.now += KEY_AGAIN_S - 1
    assert None not in [stage.hold(first), stage.hold(second)]
    stage.clock.now += 1
    with asked(first) as one, asked(second) as other:
        assert [isinstance(one, Hold), isinstance(other, Hold)] == [False, True]


def test_a_key_that_works_after_all_is_held_no_longer(stage: Stage) -> None:
    stage.refuse()
    knows_it_refused = stage.process()
    assert stage.hold(knows_it_refused) is not None
    stage.clock.now += KEY_AGAIN_S
    with granted(stage.process()) as permit:
        permit.answered()
    assert [stage.hold(), stage.hold(), stage.hold(knows_it_refused)] == [None] * 3


def test_a_key_that_is_refused_again_is_held_as_long_again(stage: Stage) -> None:
    stage.refuse()
    stage.clock.now += KEY_AGAIN_S
    stage.refuse()
    stage.clock.now += KEY_AGAIN_S - 1
    assert stage.hold() is not None


def test_who_was_to_try_a_refused_key_and_made_no_call_leaves_it_to_the_next(stage: Stage) -> None:
    stage.refuse()
    stage.clock.now += KEY_AGAIN_S
    with granted(stage.process()):
        pass
    assert stage.hold() is None


def test_who_was_to_try_a_refused_key_and_failed_on_the_way_leaves_it_to_the_next(stage: Stage) -> None:
    stage.refuse()
    stage.clock.now += KEY_AGAIN_S
    with pytest.raises(ZeroDivisionError), granted(stage.process()):
        raise ZeroDivisionError
    assert stage.hold() is None


def test_who_is_held_for_another_reason_gives_back_the_right_to_try_the_key(stage: Stage) -> None:
    stage.refuse()
    stage.table.write(writes.open_breaker("acme-legal", reason="HTTP 500", until=NOW + 90, now=NOW))
    stage.clock.now += KEY_AGAIN_S
    assert stage.hold() is not None
    stage.table.write(writes.close_breaker("acme-legal", until=NOW + 90))
    assert stage.hold() is None


def test_who_has_tried_a_refused_key_gives_nobody_the_right_to_try_it_at_once(stage: Stage) -> None:
    stage.refuse()
    stage.clock.now += KEY_AGAIN_S
    with granted(stage.process()) as permit:
        permit.key_refused(API_KEY)
    assert stage.hold() is not None


def test_the_key_itself_is_nowhere_in_the_table(stage: Stage) -> None:
    stage.refuse()
    assert API_KEY not in str(stage.table.items)
