"""Several items in one body: a bad one leaves its neighbours as they are."""

from collections.abc import Callable, Iterable

from cancellations.domain import Json
from cancellations.errors import Malformed

NOT_AN_EVENT = "not-an-event"
"""The only key of the object that replaces a bad item. No attribute and no part of a notification has this name."""


def each[T](read: Callable[[T], Json], items: Iterable[T]) -> list[Json]:
    """Read every item; replace one that is malformed by {NOT_AN_EVENT: reason}.

    In that object no expression finds an id or anything else.
    """
    return [_item_or_fault(read, item) for item in items]


def fault_of(item: Json) -> str | None:
    """Return why an item could not be read, None if it was."""
    reason = item.get(NOT_AN_EVENT) if isinstance(item, dict) else None
    return reason if isinstance(reason, str) else None


def _item_or_fault[T](read: Callable[[T], Json], item: T) -> Json:
    try:
        return read(item)
    except Malformed as fault:
        return {NOT_AN_EVENT: str(fault)}
