"""Everything else that Prevail does not document: a named switch each, with the default that is assumed and why.

The switches for statuses come from the rows of `prevail.assumed` and have their names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, cast

from prevail.assumed import ANSWERS, AnswerName
from prevail.fields import BadField
from prevail.retry_after import RETRY_AFTER, RetryAfter
from prevail.switch import Numbers, Switch, Value


def _choice[T](default: T, *others: T, why: str, everywhere: bool = False) -> T:
    one: T = field(default=default, metadata=_about((default, *others), why, everywhere=everywhere))
    return one


def _flag(*, default: bool, why: str) -> bool:
    return _choice(default, not default, why=why)


def _number(default: float, low: float, high: float, *, why: str, everywhere: bool = False) -> float:
    one: float = field(default=default, metadata=_about(Numbers(low, high), why, everywhere=everywhere))
    return one


def _about(allowed: tuple[object, ...] | Numbers, why: str, *, everywhere: bool) -> dict[str, Any]:
    return {"allowed": allowed, "why": why, "everywhere": everywhere}


_DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """All of them as they are set. The ones for statuses are in `statuses`, by the name of the answer."""

    statuses: Mapping[AnswerName, int] = field(
        default_factory=lambda: {row.name: row.statuses[0] for row in ANSWERS.values()}
    )
    error_body: Literal["json", "html", "nothing"] = _choice(
        "json", "html", "nothing", why="no body of an error is documented; the API speaks JSON"
    )
    second_cancel_mails: bool = _flag(
        default=False, why="a refused cancel has no effect, so nobody is mailed again"
    )
    canceled_sessions: Literal["listed", "hidden"] = _choice(
        "listed",
        "hidden",
        why="canceled is among the documented states; whether the list still shows it is not told",
    )
    initial_cancel: Literal["by_coming_id", "unknown"] = _choice(
        "by_coming_id",
        "unknown",
        why="initial can be canceled, yet its id is null; how it would be named is not told",
    )
    initial_needs_self_service: bool = _flag(
        default=True,
        why="Self-Service is needed to cancel previously scheduled sessions; initial is none yet",
    )
    token_algorithm: Literal["HS256", "HS384", "HS512"] = _choice(
        "HS256",
        "HS384",
        "HS512",
        why="no algorithm is named; a shared key and the Node.js example imply this one",
    )
    token_leeway_s: float = _number(
        0, 0, _DAY_S, why="exp is documented, how long after it a token is still good is not"
    )
    token_longest_life_s: float = _number(
        0, 0, 10 * 365 * _DAY_S, why="no limit to how far ahead exp may be is documented; 0 is none"
    )
    clock_ahead_s: float = _number(
        0,
        -_DAY_S * 366,
        _DAY_S * 366,
        everywhere=True,
        why="Prevail's clock is its own; the emulator's is this machine's",
    )
    list_window: Literal["ends_before", "starts_before"] = _choice(
        "ends_before",
        "starts_before",
        why="the page says: sessions that start after start_time and end before end_time; here both edges count",
    )
    page_parameter: Literal["page", "p", "none"] = _choice(
        "page",
        "p",
        "none",
        why="pages are documented, the parameter that asks for one is not; pagy's is page",
    )
    page_items: float = _number(100, 1, 1000, why="the example shows 100")
    state_filter: Literal["none", "state", "session_state"] = _choice(
        "none", "state", "session_state", why="the lists have two documented filters, and state is neither"
    )
    session_lookup: bool = _flag(default=False, why="GET /api/v1/sessions/{id} is documented nowhere")
    idempotency_key: Literal["ignored", "replayed"] = _choice(
        "ignored", "replayed", why="the header is documented nowhere; replayed: one key, one answer"
    )
    session_ids: Literal["uuid", "token", "number"] = _choice(
        "uuid", "token", "number", why="the examples are example-remote-session-id and the like"
    )
    postback_body: Literal["token", "json", "form"] = _choice(
        "token", "json", "form", why="a JWT is posted; whether bare or as jwt_payload is not told"
    )
    postback_for_ready: bool = _flag(
        default=False, why="the page speaks of the Scheduling Team's confirmation, which ready does without"
    )
    rate_limit_per_s: float = _number(0, 0, 100_000, everywhere=True, why="no limit is documented; 0 is none")
    rate_limit_burst: float = _number(
        1, 1, 100_000, everywhere=True, why="calls at once before the limit is felt; not documented"
    )
    rate_limit_retry_after: RetryAfter = _choice(  # noqa: RUF009 - makes a field, like dataclasses.field
        *RETRY_AFTER, everywhere=True, why="what a refusal says of when to come back; not documented"
    )

    def having(self, changes: Mapping[str, Value]) -> "Switches":
        """With changes that `read` has let through."""
        statuses: dict[AnswerName, int] = dict(self.statuses)
        others: dict[str, Any] = {}
        for name, value in changes.items():
            if name in ANSWERS:
                statuses[cast(AnswerName, name)] = cast(int, value)
            else:
                others[name] = value
        return replace(self, statuses=statuses, **others)

    def values(self) -> dict[str, Value]:
        return {
            name: self.statuses[cast(AnswerName, name)] if name in ANSWERS else getattr(self, name)
            for name in SWITCHES
        }


SWITCHES: Mapping[str, Switch] = {
    **{
        row.name: Switch(row.name, row.statuses, row.statuses[0], row.why)
        for row in ANSWERS.values()
        if len(row.statuses) > 1
    },
    **{
        one.name: Switch(one.name, default=cast(Value, one.default), **one.metadata)
        for one in fields(Switches)
        if one.metadata
    },
}


def read(document: object, *, for_one_organization: bool = False) -> dict[str, Value]:
    """Changes by name. Raises BadField that says what would be right."""
    if not isinstance(document, dict):
        raise BadField("body", "must be an object of switches and values")
    changes = {}
    for name, value in document.items():
        switch = _switch(name)
        if for_one_organization and switch.everywhere:
            raise BadField(name, "is for the whole emulator; set it at /_emulator/switches")
        changes[name] = switch.read(value)
    return changes


def read_texts(settings: list[str]) -> dict[str, Value]:
    """`name=value` each, as on a command line. Raises BadField."""
    changes = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise BadField(setting, "must be name=value")
        changes[name] = _switch(name).read_text(text)
    return changes


def _switch(name: str) -> Switch:
    if name not in SWITCHES:
        raise BadField(name, f"is no switch; the switches are {', '.join(SWITCHES)}")
    return SWITCHES[name]
