"""When requests settled, as the ledger has it. A hundred are read by one call: looking is no load of its own."""

from collections import Counter, deque
from collections.abc import Iterable

from cancellations.domain import SETTLED
from cancellations.writes import number, text
from trial.watch import MOST_AT_ONCE, Watch

MISSING = "missing"


class Settling:
    """Requests that are waited for, those longest not looked at first."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._waiting: deque[str] = deque()
        self._unsettled: dict[str, str] = {}
        self.settled_at: dict[str, float] = {}
        """Epoch seconds, by request."""
        self._ended: Counter[str] = Counter()

    def expect(self, request_ids: Iterable[str]) -> None:
        for one in request_ids:
            if one not in self._unsettled and one not in self.settled_at:
                self._unsettled[one] = MISSING
                self._waiting.append(one)

    def give_up(self, request_ids: Iterable[str]) -> None:
        """Waits no more for those of them that are not in the ledger."""
        gone = {one for one in request_ids if self._unsettled.get(one) == MISSING}
        self._waiting = deque(one for one in self._waiting if one not in gone)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def look(self, most: int = MOST_AT_ONCE) -> int:
        """Looks at a hundred at most; how many of them have settled since."""
        asked = [self._waiting.popleft() for _ in range(min(most, MOST_AT_ONCE, self.waiting))]
        found = self._watch.requests(asked) if asked else {}
        for one in asked:
            item = found.get(one, {})
            status = text(item, "status") or MISSING
            if status in SETTLED:
                del self._unsettled[one]
                self.settled_at[one] = number(item, "settled_at") or 0.0
                self._ended[status] += 1
            else:
                self._unsettled[one] = status
                self._waiting.append(one)
        return len(asked) - sum(one in self._unsettled for one in asked)

    def look_at_all(self) -> int:
        """Once at each; how many have settled since."""
        return sum(self.look(left) for left in range(self.waiting, 0, -MOST_AT_ONCE))

    @property
    def statuses(self) -> dict[str, int]:
        """Of all that are or were waited for, as they were when last looked at."""
        return dict(self._ended + Counter(self._unsettled.values()))
