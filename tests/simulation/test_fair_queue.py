"""The model of SQS does what its documentation says, where the answers of test_scale rest on it."""

from collections.abc import Iterable

from simulation.fair_queue import NOISY_MESSAGES, NOTICED_S, WINDOW_S, FairQueue, Message
from simulation.flow import START, Flow

VISIBILITY_S, MOST_RECEIVES = 360.0, 5


def a_queue() -> FairQueue:
    return FairQueue(Flow(), call_s=0.005, visibility_s=VISIBILITY_S, most_receives=MOST_RECEIVES)


def put(queue: FairQueue, group: str | None, messages: int) -> None:
    for place in range(messages):
        queue.put(f"{group} {place}", group)


def groups_of(messages: Iterable[Message]) -> list[str | None]:
    return [message.group for message in messages]


def later(queue: FairQueue, seconds: float) -> None:
    until = queue.flow.now + seconds
    queue.flow.run(lambda: False, until)
    queue.flow.now = until


def with_a_noisy_one(queue: FairQueue, group: str = "noisy", backlog: int = 10) -> list[Message]:
    """Its messages in flight."""
    put(queue, group, NOISY_MESSAGES + backlog)
    in_flight = queue.receive(NOISY_MESSAGES)
    queue.receive(0)
    later(queue, NOTICED_S)
    queue.receive(0)
    return in_flight


def test_messages_come_in_the_order_in_which_they_were_put() -> None:
    queue = a_queue()
    put(queue, "first", 2)
    put(queue, "second", 2)
    assert groups_of(queue.receive(10)) == ["first", "first", "second", "second"]


def test_a_group_that_is_noisy_comes_after_all_others() -> None:
    queue = a_queue()
    with_a_noisy_one(queue)
    put(queue, "quiet", 2)
    assert groups_of(queue.receive(3)) == ["quiet", "quiet", "noisy"]


def test_messages_without_a_group_are_never_noisy() -> None:
    queue = a_queue()
    put(queue, None, NOISY_MESSAGES + 10)
    queue.receive(NOISY_MESSAGES)
    later(queue, NOTICED_S)
    put(queue, "quiet", 1)
    assert groups_of(queue.receive(1)) == [None]


def test_of_several_noisy_groups_the_one_with_the_fewest_in_flight_comes_first() -> None:
    queue = a_queue()
    with_a_noisy_one(queue, "noisier", backlog=20)
    queue.receive(10)
    with_a_noisy_one(queue, "noisy")
    assert groups_of(queue.receive(1)) == ["noisy"]


def test_a_group_whose_messages_are_worked_off_is_quiet_again() -> None:
    queue = a_queue()
    for message in with_a_noisy_one(queue, backlog=0):
        queue.delete(message, 1.0)
    later(queue, 2 * WINDOW_S)
    assert queue.receive(1) == []
    put(queue, "noisy", 1)
    put(queue, "quiet", 1)
    assert groups_of(queue.receive(2)) == ["noisy", "quiet"]


def test_a_message_that_is_not_worked_off_comes_again_and_is_a_dead_letter_in_the_end() -> None:
    queue = a_queue()
    put(queue, "one", 1)
    for _ in range(MOST_RECEIVES):
        (message,) = queue.receive(10)
        queue.leave(message, 1.0)
        assert queue.receive(10) == []
        later(queue, VISIBILITY_S)
    assert (queue.receive(10), queue.lost) == ([], 1)


def test_a_delayed_message_is_not_there_before_its_time() -> None:
    queue = a_queue()
    queue.put("later", "one", delay=10.0)
    assert queue.receive(10) == []
    later(queue, 11.0)
    assert queue.receive(10) != []
    assert queue.flow.now == START + 11.0
