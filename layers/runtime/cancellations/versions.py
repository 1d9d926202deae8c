"""What keeps old and new versions apart that run side by side: a number on every record and every message.

Under one number the form only grows: what was there stays and means the same, and readers pass over what they do not
know. What cannot be said so gets the next number, which a release reads before another writes it (docs/upgrading.md).
A record of a newer number is left alone: nothing is claimed, settled or put off by it, and its message waits.
"""

from cancellations.errors import NewerVersion
from cancellations.writes import Absent, Before, Item

WRITES = 1
"""The number of what this version writes."""

READS = 1
"""The newest number that this version can go on with. Never less than what it writes."""

SCHEMA = "schema"
"""Where a record has its number; one without is of the first."""

READABLE = Absent((SCHEMA,)) | Before((SCHEMA,), READS + 1)
"""A version that we know has written it: part of every condition that another version's record must not pass."""


def is_newer(item: Item) -> bool:
    number = item.get(SCHEMA, WRITES)
    return not isinstance(number, int | float) or number > READS


def refuse_newer(item: Item) -> None:
    """Raises NewerVersion."""
    if is_newer(item):
        number = item[SCHEMA]
        named = f": schema {number}" if isinstance(number, int) else ""
        raise NewerVersion(f"a newer version has written this record{named}")
