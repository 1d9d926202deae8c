"""Reads the JSON that seeds the emulator (admin bodies and seed files) and names the field that is wrong."""

from collections.abc import Collection, Container, Mapping
from typing import NotRequired, TypedDict, cast

from prevail.faults import Faults
from prevail.model import KINDS, STATES, Kind, Organization, Session, State
from prevail.world import World
from prevail.zones import ZONES

DEFAULT_PARTICIPANTS = ("deponent@example.com", "reporter@example.com")
DEFAULT_ZONE = "Eastern Time (US & Canada)"
_ORGANIZATION = frozenset({"api_key", "self_service", "kind"})
_SESSION = frozenset({"organization", "state", "title", "starts_at", "time_zone", "participants"})
_YEAR_2100 = 4_102_444_800
_DAY_S = 86_400


class SessionSeed(TypedDict):
    """A session as the admin API takes it; `starts_at` is epoch seconds, by default a day from now."""

    organization: str
    state: State
    title: NotRequired[str]
    starts_at: NotRequired[int]
    time_zone: NotRequired[str]
    participants: NotRequired[list[str]]


class NamedSessionSeed(SessionSeed):
    remote_session_id: str


class BadField(ValueError):
    """The message names the field and what it must be, and never repeats its value (it may be a key)."""

    def __init__(self, field: str, must: str) -> None:
        super().__init__(f"{field}: {must}")
        self.field = field


class _Fields:
    """One JSON object; `at` is the path to it in the document."""

    def __init__(self, value: object, at: str, known: frozenset[str]) -> None:
        if not isinstance(value, dict):
            raise BadField(at or "body", "must be an object")
        self._values: Mapping[str, object] = value
        self._at = f"{at}." if at else ""
        for name in value:
            if name not in known:
                raise self.wrong(name, f"is not a field; known are {', '.join(sorted(known))}")

    def wrong(self, name: str, must: str) -> BadField:
        return BadField(self._at + name, must)

    def text(self, name: str, default: str | None = None) -> str:
        value = self._values.get(name, default)
        if not isinstance(value, str) or not value or not value.isprintable():
            raise self.wrong(name, "must be a non-empty, printable string")
        return value

    def choice(self, name: str, choices: Collection[str], default: str | None = None) -> str:
        value = self._values.get(name, default)
        if not isinstance(value, str) or value not in choices:
            raise self.wrong(name, f"must be one of {', '.join(choices)}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._values.get(name, default)
        if not isinstance(value, bool):
            raise self.wrong(name, "must be true or false")
        return value

    def share(self, name: str) -> float:
        value = self._values.get(name, 0.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise self.wrong(name, "must be a share from 0 to 1")
        return float(value)

    def whole_number(self, name: str) -> int:
        value = self._values.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(name, "must be a whole number")
        return value

    def epoch_seconds(self, name: str, default: int) -> int:
        value = self._values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _YEAR_2100:
            raise self.wrong(name, "must be epoch seconds, a whole number before the year 2100")
        return value

    def emails(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = self._values.get(name, list(default))
        if not isinstance(value, list) or not all(map(_is_address, value)):
            raise self.wrong(name, "must be a list of e-mail addresses")
        return tuple(value)

    def items(self, name: str) -> list[object]:
        return _items(self._values.get(name, []), self._at + name)


def organization_from(body: object, slug: str | None = None, *, at: str = "") -> Organization:
    """`slug` where the address names it; else the body must."""
    fields = _Fields(body, at, _ORGANIZATION | ({"slug"} if slug is None else set()))
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
    fields = _Fields(body, at, _SESSION | ({"remote_session_id"} if remote_session_id is None else set()))
    name = remote_session_id or fields.text("remote_session_id")
    if "/" in name:
        raise fields.wrong("remote_session_id", "must not contain a slash: it is one segment of a path")
    organization = fields.text("organization")
    if organization not in organizations:
        raise fields.wrong("organization", "must exist; put it first")
    return Session(
        remote_session_id=name,
        organization=organization,
        state=cast(State, fields.choice("state", STATES)),
        title=fields.text("title", f"Session {name}"),
        starts_at=fields.epoch_seconds("starts_at", int(now) // 60 * 60 + _DAY_S),
        time_zone=fields.choice("time_zone", ZONES, DEFAULT_ZONE),
        participants=fields.emails("participants", DEFAULT_PARTICIPANTS),
    )


def sessions_from(
    body: object, organizations: Container[str], now: float, *, at: str = "sessions"
) -> list[Session]:
    return [
        session_from(one, organizations, now, at=f"{at}[{index}]")
        for index, one in enumerate(_items(body, at))
    ]


def faults_from(body: object) -> Faults:
    fields = _Fields(body, "", frozenset({"silent_after_commit", "seed"}))
    return Faults(fields.share("silent_after_commit"), fields.whole_number("seed"))


def plant(document: object, world: World, *, now: float) -> None:
    """All of a seed file ({"organizations": [...], "sessions": [...]}) or, with BadField, nothing of it."""
    fields = _Fields(document, "", frozenset({"organizations", "sessions"}))
    organizations = [
        organization_from(one, at=f"organizations[{index}]")
        for index, one in enumerate(fields.items("organizations"))
    ]
    sessions = sessions_from(fields.items("sessions"), {one.slug for one in organizations}, now)
    for organization in organizations:
        world.put_organization(organization)
    world.put_sessions(sessions)


def _is_address(value: object) -> bool:
    return isinstance(value, str) and "@" in value and value.isprintable()


def _items(value: object, at: str) -> list[object]:
    if not isinstance(value, list):
        raise BadField(at, "must be a list")
    return value
