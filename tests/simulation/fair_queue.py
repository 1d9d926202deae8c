"""SQS as its documentation describes a standard queue whose messages name groups: a fair queue.

A group that takes more than a tenth of all messages in flight, and at least thirty, or more than a tenth of the time
that messages are worked on, is noisy: it is served after all others until its backlog is gone. Of several noisy ones,
the one with the fewest in flight comes first. A message without a group is a group of its own.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush

from simulation.flow import Flow

NOISY_SHARE, NOISY_MESSAGES = 0.1, 30

NOTICED_S = 5.0
"""How long a group is too loud before it counts as noisy: our assumption, AWS gives no figure."""

WINDOW_S = 60.0
"""What AWS calls recent, where it speaks of time: our assumption."""

MOST_IN_FLIGHT = 120_000


@dataclass(slots=True)
class Message:
    """ready_at: since when it may be received, this time."""

    body: str
    group: str | None
    ready_at: float
    receives: int = 0


class FairQueue:
    """As a client of SQS it is called by the product's own adapter, so that groups are those which it names.

    lost: messages in the dead-letter queue. oldest_s: the longest that one was ready and not received.
    """

    def __init__(self, flow: Flow, *, call_s: float, visibility_s: float, most_receives: int) -> None:
        self.flow, self._call_s = flow, call_s
        self._visibility_s, self._most_receives = visibility_s, most_receives
        self.arrived: Callable[[], None] = lambda: None
        self.knows_groups = True
        """Else it is as queues were before AWS knew of groups."""
        self.sent = self.lost = self.most_in_flight = 0
        self.oldest_s = 0.0
        self._quiet: list[tuple[float, int, Message]] = []
        self._noisy: dict[str, deque[Message]] = {}
        self._loud_since: dict[str, float] = {}
        self._in_flight: Counter[str] = Counter()
        self._all_in_flight = self._all_ready = self._shown = 0
        self._window_began = flow.now
        self._before, self._lately = dict[str | None, float](), dict[str | None, float]()

    def __len__(self) -> int:
        """Messages that are ready."""
        return self._all_ready

    def send_message(self, **sent: str | int) -> None:
        self.flow.wait(self._call_s)
        group = str(sent["MessageGroupId"]) if self.knows_groups and "MessageGroupId" in sent else None
        self.put(str(sent["MessageBody"]), group, int(sent["DelaySeconds"]))

    def put(self, body: str, group: str | None = None, delay: float = 0.0) -> None:
        """In no time: by a sender of AWS, a rule of a bus."""
        self.sent += 1
        self._show(Message(body, group, self.flow.now + delay))

    def receive(self, most: int) -> list[Message]:
        self._listen()
        received: list[Message] = []
        while len(received) < most and self._all_in_flight < MOST_IN_FLIGHT and (message := self._next()):
            message.receives += 1
            self.oldest_s = max(self.oldest_s, self.flow.now - message.ready_at)
            self._fly(message, 1)
            received.append(message)
        self.most_in_flight = max(self.most_in_flight, self._all_in_flight)
        return received

    def delete(self, message: Message, worked_s: float) -> None:
        self._fly(message, -1)
        self._spent(message, worked_s)

    def leave(self, message: Message, worked_s: float) -> None:
        """It was not worked off: it stays in flight until it is shown again, or is a dead letter."""
        self._spent(message, worked_s)
        self.flow.at(self.flow.now + self._visibility_s - worked_s, lambda: self._again(message))

    def _again(self, message: Message) -> None:
        self._fly(message, -1)
        if message.receives >= self._most_receives:
            self.lost += 1
            return
        message.ready_at = self.flow.now
        self._show(message)

    def _show(self, message: Message) -> None:
        if message.ready_at > self.flow.now:
            self.flow.at(message.ready_at, lambda: self._show(message))
            return
        self._all_ready += 1
        self._shown += 1
        heappush(self._quiet, (message.ready_at, self._shown, message))
        self.arrived()

    def _next(self) -> Message | None:
        while self._quiet:
            _, _, message = heappop(self._quiet)
            if message.group is None or message.group not in self._noisy:
                self._all_ready -= 1
                return message
            self._noisy[message.group].append(message)
        loud = [group for group, backlog in self._noisy.items() if backlog]
        if not loud:
            self._noisy.clear()
            return None
        group = min(loud, key=lambda name: self._in_flight[name])
        self._all_ready -= 1
        return self._noisy[group].popleft()

    # ── Who is noisy ──────────────────────────────────────────────────────────────────────────────

    def _listen(self) -> None:
        self._look_at_the_clock()
        now, of_all = self.flow.now, sum(self._before.values()) + sum(self._lately.values())
        loud = [group for group, count in self._in_flight.items() if self._is_loud(group, count, of_all)]
        self._loud_since = {group: self._loud_since.get(group, now) for group in loud}
        for group, since in self._loud_since.items():
            if now - since >= NOTICED_S:
                self._noisy.setdefault(group, deque())

    def _is_loud(self, group: str, in_flight: int, of_all: float) -> bool:
        spent = self._before.get(group, 0.0) + self._lately.get(group, 0.0)
        many = in_flight >= NOISY_MESSAGES and in_flight > NOISY_SHARE * self._all_in_flight
        return many or spent > NOISY_SHARE * of_all > 0

    def _fly(self, message: Message, by: int) -> None:
        self._all_in_flight += by
        if message.group is not None:
            self._in_flight[message.group] += by

    def _spent(self, message: Message, seconds: float) -> None:
        self._look_at_the_clock()
        self._lately[message.group] = self._lately.get(message.group, 0.0) + seconds

    def _look_at_the_clock(self) -> None:
        while self.flow.now - self._window_began >= WINDOW_S:
            self._before, self._lately = self._lately, {}
            self._window_began += WINDOW_S
