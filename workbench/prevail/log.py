"""What was called, and how often: the last calls one by one, all of them by the second."""

from collections import Counter, deque
from itertools import islice

from prevail.model import Call

_KEPT_CALLS = 100_000
_KEPT_SECONDS = 3600


class Log:
    """`patches` are those of an earlier life, by session."""

    def __init__(self, patches: Counter[str] | None = None) -> None:
        self.calls: deque[Call] = deque(maxlen=_KEPT_CALLS)
        self.patches: Counter[str] = Counter(patches)
        self.called: dict[str, None] = {}
        """Sessions that calls named, the last called last."""
        self.seconds: dict[int, int] = {}
        self.answers: Counter[str] = Counter()
        self.faults = 0
        self.count = 0

    def record(self, call: Call, *, session: str | None) -> None:
        """`session` is the one that the call names, whether there is one or not."""
        self.calls.append(call)
        self.count += 1
        self.faults += call.fault is not None
        if call.answer is not None:
            self.answers[call.answer] += 1
        if session is not None:
            if call.method == "PATCH":
                self.patches[session] += 1
            self.called.pop(session, None)
            self.called[session] = None
        second = int(call.at)
        self.seconds[second] = self.seconds.get(second, 0) + 1
        if len(self.seconds) > _KEPT_SECONDS:
            del self.seconds[next(iter(self.seconds))]

    def since(self, index: int) -> list[Call]:
        """From an index on, as far back as calls are kept."""
        dropped = self.count - len(self.calls)
        return list(islice(self.calls, max(0, index - dropped), None))

    def per_second(self) -> tuple[tuple[int, int], ...]:
        return tuple(sorted(self.seconds.items()))
