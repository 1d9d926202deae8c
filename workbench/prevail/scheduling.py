"""Reads what an organization schedules and edits, in the documented form, into sessions."""

import secrets
import uuid
from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from itertools import count

from prevail.assumed import DEFAULT_DURATION
from prevail.fields import BadField, Fields, is_address
from prevail.model import Organization, Session
from prevail.schemas import LONGEST_TEXT
from prevail.zones import start_from

_LONGEST_HOURS = 1000
_START = ("start_date", "start_time", "time_zone")
_ROLES = ("deponent", "witness")
_numbers = count(100_001)

_IDS: Mapping[str, Callable[[], str]] = {
    "uuid": lambda: str(uuid.uuid4()),
    "token": lambda: secrets.token_urlsafe(16),
    "number": lambda: str(next(_numbers)),
}


def new_id(form: str, taken: Container[str]) -> str:
    """One that no session has."""
    while (name := _IDS[form]()) in taken:
        pass
    return name


def requested(document: object, organization: Organization, remote_session_id: str) -> Session:
    """From a `session_request`. Raises BadField."""
    request = Fields(document, "session_request")
    remote = request.part("remote_session")
    if "session_details" in request:
        request.part("session_details")  # an object; what is in it concerns nobody here
    return Session(
        remote_session_id=remote_session_id,
        organization=organization.slug,
        state="ready" if organization.schedules_itself else "initial",
        title=_short(remote, "title"),
        case=_short(remote, "case"),
        starts_at=_start(remote),
        time_zone=remote.text("time_zone"),
        estimated_duration=_duration(remote, DEFAULT_DURATION),
        participants=tuple(dict.fromkeys((*_invites(request), *_deponent(request)))),
        postback_url=_short(request, "postback_url") if "postback_url" in request else None,
    )


def edited(document: object, session: Session) -> Session:
    """With the changes of a `remote_session`; its participants are those named there. Raises BadField."""
    remote = Fields(document, "remote_session")
    moved = [name for name in _START if name in remote]
    if moved and len(moved) < len(_START):
        raise remote.wrong(next(name for name in _START if name not in remote), f"must come with {moved[0]}")
    return replace(
        session,
        title=_short(remote, "title") if "title" in remote else session.title,
        starts_at=_start(remote) if moved else session.starts_at,
        time_zone=remote.text("time_zone") if moved else session.time_zone,
        estimated_duration=_duration(remote, session.estimated_duration),
        participants=_invites(remote),
    )


def _short(fields: Fields, name: str) -> str:
    text = fields.text(name)
    if len(text) > LONGEST_TEXT:
        raise fields.wrong(name, f"must not be longer than {LONGEST_TEXT} characters")
    return text


def _start(remote: Fields) -> int:
    try:
        return start_from(*(remote.text(name) for name in _START))
    except BadField:
        raise
    except ValueError as fault:
        must = {
            "start_date": "must be YYYY-MM-DD, from 1970 to 2099",
            "start_time": "must be hh:mm AM or hh:mm PM",
            "time_zone": "must be a time zone of Rails or of the IANA database",
        }
        raise remote.wrong(str(fault), must[str(fault)]) from fault


def _duration(remote: Fields, default: float) -> float:
    return remote.number("estimated_duration", default, 0, _LONGEST_HOURS)


def _invites(fields: Fields) -> tuple[str, ...]:
    """Addresses, or objects with `email` and `access_level`; `invite_emails` is the name of an older page."""
    name = "invites" if "invites" in fields else "invite_emails"
    found = []
    for index, one in enumerate(fields.items(name)):
        address = one
        if isinstance(one, dict):
            address = one.get("email")
            if one.get("access_level", "participant") not in {"host", "participant"}:
                raise fields.wrong(f"{name}[{index}].access_level", "must be host or participant")
        if not isinstance(address, str) or not is_address(address):
            raise fields.wrong(
                f"{name}[{index}]", "must be an e-mail address, or an object with one as email"
            )
        found.append(address)
    return tuple(found)


def _deponent(request: Fields) -> tuple[str, ...]:
    if "deponent" not in request:
        return ()
    deponent = request.part("deponent")
    if "role" in deponent:
        deponent.choice("role", _ROLES)
    if "name" in deponent:
        _short(deponent, "name")
    if "email" not in deponent:
        return ()
    if not is_address(deponent.raw("email")):
        raise deponent.wrong("email", "must be an e-mail address")
    return (deponent.text("email"),)
