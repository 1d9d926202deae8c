"""Every form of Retry-After that a server has been seen to send."""

from collections.abc import Callable, Mapping
from email.utils import formatdate
from math import ceil
from typing import Literal, get_args

type RetryAfter = Literal[
    "seconds", "date", "past", "absurd", "negative", "fraction", "garbage", "empty", "two", "none"
]
RETRY_AFTER: tuple[RetryAfter, ...] = get_args(RetryAfter.__value__)

_HOUR_S = 3600


def http_date(at: float) -> str:
    return formatdate(at, usegmt=True)


_FORMS: Mapping[RetryAfter, Callable[[float, float], list[str]]] = {
    "seconds": lambda wait, _: [str(ceil(wait))],
    "date": lambda wait, now: [http_date(ceil(now + wait))],
    "past": lambda _, now: [http_date(now - _HOUR_S)],
    "absurd": lambda _, __: ["99999999999"],
    "negative": lambda wait, _: [f"-{ceil(wait)}"],
    "fraction": lambda wait, _: [f"{wait:.1f}"],
    "garbage": lambda _, __: ["soon"],
    "empty": lambda _, __: [""],
    "two": lambda wait, _: [str(ceil(wait)), str(ceil(wait) * 100)],
    "none": lambda _, __: [],
}


def retry_after(form: RetryAfter, wait: float, now: float) -> list[tuple[str, str]]:
    """The headers that say: wait so many seconds."""
    return [("Retry-After", value) for value in _FORMS[form](wait, now)]
