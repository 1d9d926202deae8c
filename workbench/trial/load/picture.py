"""How many took how long, as a picture."""

from collections.abc import Iterator

from drawing.bars import Axes, Bar, chart
from trial.load.result import Load
from trial.load.times import Times

AXES = Axes("milliseconds", "how many")


def picture(load: Load) -> str:
    """An SVG with a bar for each bucket, empty ones included."""
    pace = f"{load.rate:g} a second" if load.rate else "as fast as could be"
    again = f", {load.copies} of them twice" if load.copies else ""
    title = f"{load.requests:,} webhooks, {pace}{again}: how long they took"
    timed = (("answered", load.answered), ("settled", load.settled))
    groups = [(f"{what}: {found.words}", list(_bars(found))) for what, found in timed if found]
    return chart(title, groups, AXES)


def _bars(found: Times) -> Iterator[Bar]:
    for bucket in found.buckets:
        number = f"{bucket.count:,} {found.marks(bucket)}".rstrip()
        yield Bar(bucket.label, (float(bucket.count),), number)
