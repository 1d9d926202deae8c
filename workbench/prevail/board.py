"""Where the switches stand: for everybody, and for single organizations on top of that."""

from collections.abc import Mapping

from prevail.switch import Value
from prevail.switches import Switches


class Board:
    """`start` is what a reset goes back to."""

    def __init__(self, start: Mapping[str, Value] | None = None) -> None:
        self._start = dict(start or {})
        self.clear()

    def clear(self) -> None:
        self.changes: dict[str, Value] = dict(self._start)
        self.own: dict[str, dict[str, Value]] = {}
        self._settle()

    def put(self, changes: Mapping[str, Value], slug: str | None = None) -> None:
        """Changes are as `switches.read` gives them; what they do not name stays as it is."""
        place = self.changes if slug is None else self.own.setdefault(slug, {})
        place.update(changes)
        self._settle()

    def of(self, slug: str | None) -> Switches:
        return self._of.get(slug, self.everywhere) if slug is not None else self.everywhere

    def _settle(self) -> None:
        self.everywhere = Switches().having(self.changes)
        self._of = {slug: self.everywhere.having(own) for slug, own in self.own.items()}
