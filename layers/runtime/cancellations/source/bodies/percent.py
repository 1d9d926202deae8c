"""Percent-escapes with one reading only (RFC 3986, section 2.1): whole ones, of bytes that are UTF-8."""

import re
from urllib.parse import unquote

from cancellations.errors import Malformed

_BROKEN = re.compile("%(?![0-9A-Fa-f]{2})")


def check(text: str) -> None:
    """Raises Malformed where an escape is broken: Python's own decoder passes it on as it stands."""
    if _BROKEN.search(text):
        raise Malformed("a percent-escape is broken")


def decoded(text: str) -> str:
    """Decoded once. Raises Malformed."""
    check(text)
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as e:
        raise Malformed("percent-escapes are not UTF-8") from e
