"""Faults that a session's id asks for.

    id     = anything 1*( "--fault-" fault [ "-x" times ] )

`hearing--fault-503-date-x2--fault-reset-body` answers 503 twice, then resets the connection for ever after.
"""

import re

from prevail.faults import kinds
from prevail.faults.fault import Fault
from prevail.fields import BadField

MARK = "--fault-"
_TIMES = re.compile(r"(?P<fault>.+)-x(?P<times>[1-9][0-9]{0,5})", re.ASCII)


def read(remote_session_id: str) -> list[tuple[Fault, int | None]]:
    """Each fault and how many calls it meets, None for all. Raises BadField."""
    found: list[tuple[Fault, int | None]] = []
    for text in remote_session_id.split(MARK)[1:]:
        counted = _TIMES.fullmatch(text)
        if counted:
            found.append((kinds.read(counted["fault"]), int(counted["times"])))
        else:
            found.append((kinds.read(text), None))
    return found


def faults_of(remote_session_id: str) -> list[tuple[Fault, int | None]]:
    """None of an id that no session can have, for calls name whatever they like."""
    try:
        return read(remote_session_id)
    except BadField:
        return []
