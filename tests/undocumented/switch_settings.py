"""The settings of the emulator's switches that the story is played under.

Every value of every switch is played once, with all others at their defaults. A switch that changes nothing by itself
is played together with the one that it depends on.
"""

from collections.abc import Iterator, Mapping

from prevail.switch import Numbers, Value, spelled
from prevail.switches import SWITCHES

type Setting = Mapping[str, Value]
"""The switches that are not at their defaults."""

NOT_MET: Mapping[str, str] = {
    "unknown_route": "the product calls documented routes only",
    "invalid_cancel_without_email": "the product sends true or false only",
    "invalid_time": "the product sends epoch seconds only",
    "invalid_page": "the product sends positive page numbers only",
    "invalid_state": "the product does not filter by state",
    "not_editable": "the product does not edit sessions",
    "edited": "the product does not edit sessions",
    "invalid_body": "the product sends no body",
    "requested": "the product does not schedule sessions",
    "session_ids": "ids are assigned when sessions are scheduled; the story brings its own",
    "postback_body": "postbacks report that a session is scheduled",
    "postback_for_ready": "postbacks report that a session is scheduled",
}
"""Switches that change no answer to the product, and why."""

NUMBERS: Mapping[str, tuple[float, ...]] = {
    "token_leeway_s": (60,),
    "token_longest_life_s": (60, 120, 300),
    "clock_ahead_s": (20, -20, 90, -90, 3600, -3600, 172_800, -172_800),
    "page_items": (1, 3, 1000),
    "rate_limit_per_s": (1, 2, 10, 100),
    "rate_limit_burst": (5, 50),
}
"""Values of switches that take any number: just inside and just outside what the product tolerates."""

LIMITED: Setting = {"rate_limit_per_s": 1}

DEPENDS_ON: Mapping[str, Setting] = {
    "rate_limited": LIMITED,
    "rate_limit_burst": LIMITED,
    "rate_limit_retry_after": LIMITED,
    "page_parameter": {"page_items": 3},
    "unauthorized": {"token_algorithm": "HS384"},
}
"""What else must be set before a switch makes a difference."""


def _together() -> Iterator[Setting]:
    """Combinations in which one switch changes what another one means to the product."""
    for form in _values("rate_limit_retry_after"):
        yield {**LIMITED, "rate_limited": 503, "rate_limit_retry_after": form}
    for status in _values("already_canceled"):
        yield {"already_canceled": status, "canceled_sessions": "hidden"}
    for status in _values("unknown_session"):
        yield {"unknown_session": status, "initial_cancel": "unknown"}
    for body in ("html", "nothing"):
        yield {"error_body": body, "unknown_session": 422, "self_service_disabled": 401}
        yield {**LIMITED, "error_body": body}
    yield {"unauthorized": 403, "clock_ahead_s": 3600}
    yield {"token_longest_life_s": 300, "clock_ahead_s": -3600}
    yield {"canceled": 202, "second_cancel_mails": True}
    yield {**LIMITED, "second_cancel_mails": True}


def _values(switch: str) -> tuple[Value, ...]:
    allowed = SWITCHES[switch].allowed
    return NUMBERS[switch] if isinstance(allowed, Numbers) else allowed


def _all() -> Iterator[Setting]:
    for name in SWITCHES:
        if name not in NOT_MET:
            yield from ({**DEPENDS_ON.get(name, {}), name: value} for value in _values(name))
    yield from _together()


def _changed(setting: Setting) -> Setting:
    return {name: value for name, value in setting.items() if value != SWITCHES[name].default}


def named(setting: Setting) -> str:
    """As the emulator's command line takes it."""
    return " ".join(f"{name}={spelled(value)}" for name, value in sorted(setting.items())) or "defaults"


SETTINGS: Mapping[str, Setting] = {named(setting): setting for setting in map(_changed, _all())}
"""By name. Two settings that differ in a default only are one."""
