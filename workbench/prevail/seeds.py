"""Reads the JSON that seeds the emulator: bodies of the admin API and seed files."""

from collections.abc import Container
from typing import NotRequired, TypedDict, cast

from prevail.assumed import DEFAULT_DURATION
from prevail.faults import magic
from prevail.fields import BadField, Fields, items
from prevail.model import KINDS, STATES, Kind, Organization, Session, State
from prevail.world import World
from prevail.zones import RAILS, zone

DEFAULT_PARTICIPANTS = ("deponent@example.com", "reporter@example.com")
DEFAULT_ZONE = "Eastern Time (US & Canada)"
LONGEST_HOURS = 1000
_ORGANIZATION = frozenset({"api_key", "self_service", "kind"})
_SESSION = frozenset(
    {
        "organization",
        "state",
        "title",
        "starts_at",
        "time_zone",
        "participants",
        "case",
        "estimated_duration",
        "postback_url",
    }
)
_DAY_S = 86_400


class SessionSeed(TypedDict):
    """A session as the admin API takes it; `starts_at` is epoch seconds, by default a day from now."""

    organization: str
    state: State
    title: NotRequired[str]
    starts_at: NotRequired[int]
    time_zone: NotRequired[str]
    participants: NotRequired[list[str]]
    case: NotRequired[str]
    estimated_duration: NotRequired[float]
    postback_url: NotRequired[str]


class NamedSessionSeed(SessionSeed):
    remote_session_id: str


def organization_from(body: object, slug: str | None = None, *, at: str = "") -> Organization:
    """`slug` where the address names it; else the body must."""
    fields = Fields(body, at, _ORGANIZATION | ({"slug"} if slug is None else set()))
    return Organization(
        slug=slug or fields.text("slug"),
        api_key=fields.text("api_key"),
        self_service=fields.flag("self_service", default=True),
        kind=cast(Kind, fields.choice("kind", KINDS, "self_service")),
    )


def session_from(
    body: object,
    organizations: Container[str],
    now: float,
    remote_session_id: str | None = None,
    *,
    at: str = "",
) -> Session:
    """`remote_session_id` where the address names it; else the body must."""
    fields = Fields(body, at, _SESSION | ({"remote_session_id"} if remote_session_id is None else set()))
    name = remote_session_id or fields.text("remote_session_id")
    if "/" in name:
        raise fields.wrong("remote_session_id", "must not contain a slash: it is one segment of a path")
    try:
        magic.read(name)
    except BadField as fault:
        raise fields.wrong("remote_session_id", f"names a fault that does not exist: {fault}") from fault
    organization = fields.text("organization")
    if organization not in organizations:
        raise fields.wrong("organization", "must exist; put it first")
    time_zone = fields.text("time_zone", DEFAULT_ZONE)
    if zone(time_zone) is None:
        raise fields.wrong("time_zone", f"must be one of {', '.join(RAILS)}, or of the IANA database")
    return Session(
        remote_session_id=name,
        organization=organization,
        state=cast(State, fields.choice("state", STATES)),
        title=fields.text("title", f"Session {name}"),
        starts_at=fields.epoch_seconds("starts_at", int(now) // 60 * 60 + _DAY_S),
        time_zone=time_zone,
        participants=fields.emails("participants", DEFAULT_PARTICIPANTS),
        case=fields.text_or_none("case"),
        estimated_duration=fields.number("estimated_duration", DEFAULT_DURATION, 0, LONGEST_HOURS),
        postback_url=fields.text_or_none("postback_url"),
    )


def sessions_from(
    body: object, organizations: Container[str], now: float, *, at: str = "sessions"
) -> list[Session]:
    return [
        session_from(one, organizations, now, at=f"{at}[{index}]")
        for index, one in enumerate(items(body, at))
    ]


def plant(document: object, world: World, *, now: float) -> None:
    """All of a seed file ({"organizations": [...], "sessions": [...]}) or, with BadField, nothing of it."""
    fields = Fields(document, "", frozenset({"organizations", "sessions"}))
    organizations = [
        organization_from(one, at=f"organizations[{index}]")
        for index, one in enumerate(fields.items("organizations"))
    ]
    sessions = sessions_from(fields.items("sessions"), {one.slug for one in organizations}, now)
    for organization in organizations:
        world.put_organization(organization)
    world.put_sessions(sessions)
