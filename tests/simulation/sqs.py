"""The queue: at least once, in no order, back again if nobody removes it, aside after five times."""

import json
from collections import Counter
from collections.abc import Callable

from cancellations.domain import NEW, Progress, Request
from cancellations.errors import Unavailable
from cancellations.messages import message_for
from simulation.scheduler import Scheduler

VISIBILITY_S = 360.0
MOST_RECEIVES = 5
LONGEST_DELAY_S = 900

COPIED_AFTER_S = 60.0
MOST_COPIES = 3
"""A request that has so many messages gets no more by chance: each of them may bring the next one."""


class Message:
    """`visible_at` is when it is handed out (again)."""

    __slots__ = ("body", "dead", "gone", "number", "receives", "request", "visible_at")

    def __init__(self, number: int, body: str, request: str, visible_at: float) -> None:
        self.number, self.body, self.request, self.visible_at = number, body, request, visible_at
        self.receives = 0
        self.gone = self.dead = False


class MessageQueue:
    """`on_message` begins a function with a message that is handed out."""

    def __init__(
        self, scheduler: Scheduler, on_message: Callable[[Message], None], *, copies: bool = False
    ) -> None:
        """copies: whether most messages are put twice, the second time up to COPIED_AFTER_S later."""
        self._scheduler, self._on_message, self._copies = scheduler, on_message, copies
        self.messages: list[Message] = []
        """All that were not removed, the dead letters among them."""
        self.puts: Counter[str] = Counter()
        self._out_until = 0.0
        self._count = 0

    def send(self, request: Request, delay: int = 0, progress: Progress = NEW) -> None:
        scheduler = self._scheduler
        fault = scheduler.pause("send")
        if scheduler.now < self._out_until:
            scheduler.tell("send", "unavailable")
            raise Unavailable("the queue is out of order")
        kind = fault.kind if fault else None
        if kind == "fails":
            raise Unavailable("the message was not put")
        if fault and kind == "outage":
            self._out_until = scheduler.now + fault.seconds
            scheduler.disturbed_until(self._out_until)
            raise Unavailable("the queue is out of order")
        late = fault.seconds if fault and kind == "delayed" else 0.0
        # A longer wait than the queue knows stands in the message, as the adapter has it.
        not_before = scheduler.clock() + delay if delay > LONGEST_DELAY_S else None
        body = json.dumps(message_for(request, progress, not_before), separators=(",", ":"))
        delay = min(delay, LONGEST_DELAY_S)
        self.put(body, request.id, delay + late)
        if kind == "twice":
            self.put(body, request.id, delay)
        if kind == "fails_put":
            raise Unavailable("the message was put, which nobody knows")
        if fault:
            scheduler.reply(fault)

    def put(self, body: str, request: str, delay: float = 0.0) -> None:
        self._put(body, request, delay)
        there = sum(message.request == request for message in self.messages)
        if self._copies and there < MOST_COPIES:
            self._put(body, request, delay + self._scheduler.chance.random() * COPIED_AFTER_S)

    def _put(self, body: str, request: str, delay: float) -> None:
        self._count += 1
        message = Message(self._count, body, request, self._scheduler.now + delay)
        self.messages.append(message)
        self.puts[request] += 1
        self._scheduler.tell(f"put message {message.number} for {request}", f"in {delay:g} s")
        self._when_visible(message)

    def again(self, message: Message) -> None:
        """At least once means: perhaps twice at the same time."""
        self._scheduler.at(self._scheduler.now + 0.01, lambda: self._hand_out(message))

    def acknowledge(self, message: Message, check: Callable[[Message], None]) -> None:
        """Remove a message; who comes too late with it changes nothing."""
        if message.gone or message.dead:
            return
        check(message)
        message.gone = True
        self.messages.remove(message)
        self._scheduler.tell(f"message {message.number} removed", "")

    def _when_visible(self, message: Message) -> None:
        due = message.visible_at
        self._scheduler.at(due, lambda: self._hand_out(message) if message.visible_at == due else None)

    def _hand_out(self, message: Message) -> None:
        if message.gone or message.dead:
            return
        if message.receives == MOST_RECEIVES:
            message.dead = True
            self._scheduler.tell(f"message {message.number} to the dead letters", "")
            return
        message.receives += 1
        message.visible_at = self._scheduler.now + VISIBILITY_S
        self._when_visible(message)
        self._on_message(message)
