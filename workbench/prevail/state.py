"""All that an emulator knows, written out and read back. API keys are in it.

The log of calls is not; its counts of PATCHes are. Faults of session ids begin anew.
"""

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Literal, cast

from prevail.faults.reading import rules_from, written
from prevail.fields import Fields
from prevail.log import Log
from prevail.model import Email, Postback
from prevail.seeds import organization_from, session_from
from prevail.service import Service
from prevail.switches import read
from prevail.world import Counts

VERSION = 1
_PARTS = frozenset(
    {
        "version",
        "organizations",
        "sessions",
        "outbox",
        "postbacks",
        "switches",
        "organization_switches",
        "faults",
        "counts",
    }
)
_COUNTS = ("patches", "state_changes", "emails", "invitations")
_TIMES = 1e12


def written_out(service: Service) -> dict[str, object]:
    world = service.world
    counted = (service.log.patches, world.counts.state_changes, world.counts.emails, world.counts.invitations)
    return {
        "version": VERSION,
        "organizations": [asdict(one) for one in world.organizations.values()],
        "sessions": [asdict(one) for one in world.sessions.values()],
        "outbox": [asdict(one) for one in world.outbox],
        "postbacks": [asdict(one) for one in world.postbacks],
        "switches": service.board.changes,
        "organization_switches": service.board.own,
        "faults": [written(rule) for rule in service.faults.rules],
        "counts": {name: dict(count) for name, count in zip(_COUNTS, counted, strict=True)},
    }


def read_back(document: object, service: Service) -> None:
    """In the place of all that was known or, with BadField, nothing of it."""
    fields = Fields(document, "", _PARTS)
    if fields.raw("version") != VERSION:
        raise fields.wrong("version", f"must be {VERSION}")
    now = service.now()
    organizations = _each(fields, "organizations", lambda one, at: organization_from(one, at=at))
    slugs = {one.slug for one in organizations}
    sessions = _each(fields, "sessions", lambda one, at: session_from(one, slugs, now, at=at))
    outbox = _each(fields, "outbox", _email)
    postbacks = _each(fields, "postbacks", _postback)
    switches = read(fields.raw("switches", {}))
    own = Fields(fields.raw("organization_switches", {}), "organization_switches")
    switches_of = {slug: read(own.raw(slug), for_one_organization=True) for slug in own}
    rules = rules_from(fields.raw("faults", []), now, with_history=True)
    counts = Fields(fields.raw("counts", {}), "counts", _COUNTS)
    patches, state_changes, emails, invitations = (_counter(counts, name) for name in _COUNTS)

    service.reset()
    for organization in organizations:
        service.world.put_organization(organization)
    service.world.put_sessions(sessions)
    service.world.outbox.extend(outbox)
    service.world.postbacks.extend(postbacks)
    service.world.counts = Counts(state_changes, emails, invitations)
    service.log = Log(patches)
    service.board.put(switches)
    for slug, changes in switches_of.items():
        service.board.put(changes, slug)
    service.put_rules(rules)


def save(file: Path, service: Service) -> None:
    """Whole or not at all, and for nobody but its owner to read. Raises OSError."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as out:
            json.dump(written_out(service), out)
        beside.replace(file)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _each[T](fields: Fields, name: str, one_from: Callable[[object, str], T]) -> list[T]:
    return [one_from(one, f"{name}[{index}]") for index, one in enumerate(fields.items(name))]


def _email(body: object, at: str) -> Email:
    fields = Fields(body, at, ("to", "subject", "organization", "remote_session_id", "at", "about"))
    return Email(
        fields.text("to"),
        fields.text("subject"),
        fields.text("organization"),
        fields.text("remote_session_id"),
        fields.number("at", None, -_TIMES, _TIMES),
        cast(Literal["canceled", "invited"], fields.choice("about", ("canceled", "invited"), "canceled")),
    )


def _postback(body: object, at: str) -> Postback:
    fields = Fields(body, at, ("url", "organization", "remote_session_id", "at", "outcome"))
    return Postback(
        fields.text("url"),
        fields.text("organization"),
        fields.text("remote_session_id"),
        fields.number("at", None, -_TIMES, _TIMES),
        fields.text("outcome"),
    )


def _counter(counts: Fields, name: str) -> Counter[str]:
    if name not in counts:
        return Counter()
    of_sessions = counts.part(name)
    return Counter({session: of_sessions.count(session) for session in of_sessions})
