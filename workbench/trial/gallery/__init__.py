"""The samples of events/: one arrival of every kind, each made anew at will.

`python -m trial.gallery` writes the files of events/ that are made of them; `make events` does it.
"""

from collections.abc import Mapping

from trial.gallery import calendars, inside, services, vendors
from trial.gallery.sample import Arrival, Ask, Draft, Event, Fresh, Sample

SAMPLES: Mapping[str, Sample] = {
    sample.name: sample
    for sample in (*vendors.SAMPLES, *calendars.SAMPLES, *services.SAMPLES, *inside.SAMPLES)
}

__all__ = ["SAMPLES", "Arrival", "Ask", "Draft", "Event", "Fresh", "Sample"]
