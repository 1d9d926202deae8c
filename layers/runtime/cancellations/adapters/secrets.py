"""API keys: read from a store of secrets, checked, and kept for a bounded time."""

import json
import threading
from collections import defaultdict
from collections.abc import Callable

from cancellations.domain import Organization
from cancellations.errors import SecretFault, Unavailable
from cancellations.ports import Clock

MAX_AGE_S = 300
"""How long a secret is used without asking again; a rotation reaches every process within this time."""

MAX_AGE_IN_OUTAGE_S = 3600
"""How long a secret is used while the store does not answer."""

MIN_API_KEY_BYTES = 32
"""An HMAC-SHA256 key should be no shorter than its output (RFC 7518, section 3.2)."""

_PLACEHOLDERS = (
    "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ".lower(),  # what Zendesk signs its test deliveries with
    "api-key",
    "api_key",
    "change-me",
    "change_me",
    "changeme",
    "dummy",
    "example",
    "insert",
    "placeholder",
    "replace",
    "your-",
    "your_",
)
"""Words too long, or with signs too rare, to stand in a real key by chance."""

_MIN_DISTINCT = 8


class Secrets:
    """JSON fields of secrets, each kept for MAX_AGE_S. One fetch of a secret at a time; what is kept never waits."""

    def __init__(self, fetch: Callable[[str], str | None], clock: Clock) -> None:
        self._fetch, self._clock = fetch, clock
        self._kept: dict[tuple[str, str], tuple[float, str]] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def field(self, name: str, field: str) -> str:
        """Raises SecretFault (missing or unusable) or Unavailable (the store did not answer)."""
        if (kept := self._younger_than(MAX_AGE_S, name, field)) is not None:
            return kept
        with self._locks[name]:
            if (kept := self._younger_than(MAX_AGE_S, name, field)) is not None:
                return kept
            try:
                value = field_of(name, field, self._fetch(name))
            except Unavailable:
                if (kept := self._younger_than(MAX_AGE_IN_OUTAGE_S, name, field)) is not None:
                    return kept
                raise
            self._kept[name, field] = (self._clock(), value)
            return value

    def forget(self, name: str) -> None:
        for key in [key for key in list(self._kept) if key[0] == name]:
            self._kept.pop(key, None)

    def _younger_than(self, age: float, name: str, field: str) -> str | None:
        fetched_at, value = self._kept.get((name, field), (0.0, ""))
        return value if self._clock() - fetched_at < age and value else None


def field_of(name: str, field: str, secret: str | None) -> str:
    """One field of a secret that is a JSON object. Raises SecretFault; the text never holds the value."""
    if secret is None:
        raise SecretFault(name, f'does not exist; create it as {{"{field}": "..."}}')
    try:
        document = json.loads(secret)
    except ValueError:
        raise SecretFault(name, f'is not JSON; store it as {{"{field}": "..."}}') from None
    value = document.get(field) if isinstance(document, dict) else None
    if not isinstance(value, str) or not value:
        raise SecretFault(name, f'has no text "{field}"; store it as {{"{field}": "..."}}')
    if is_placeholder(value):
        raise SecretFault(name, f'"{field}" looks like a placeholder; store the real one')
    return value


class OrganizationKeys:
    """API keys at PREFIX/organizations/NAME."""

    def __init__(self, secrets: Secrets, prefix: str) -> None:
        self._secrets, self._prefix = secrets, prefix

    def api_key(self, organization: Organization) -> str:
        name = self._name(organization)
        return checked_api_key(name, self._secrets.field(name, "api_key"))

    def forget(self, organization: Organization) -> None:
        self._secrets.forget(self._name(organization))

    def _name(self, organization: Organization) -> str:
        return f"{self._prefix}/organizations/{organization.secret}"


def checked_api_key(name: str, key: str) -> str:
    """Raises SecretFault for a key that HS256 cannot safely use."""
    if fault := fault_of_api_key(key):
        raise SecretFault(name, f'"api_key" {fault}')
    return key


def fault_of_api_key(key: str) -> str | None:
    """What is wrong with an API key, None if nothing. Never repeats it."""
    if key.startswith("-----BEGIN"):
        return "is a PEM key; Prevail signs with a shared API key"
    if is_placeholder(key):
        return "looks like a placeholder; store the real one"
    if " " in key or not key.isprintable():
        return "has white space around or inside it; store the key alone"
    if len(key.encode()) < MIN_API_KEY_BYTES:
        return f"has {len(key.encode())} bytes; at least {MIN_API_KEY_BYTES} are needed"
    return None


def is_placeholder(value: str) -> bool:
    """Whether a secret is what somebody wrote to be replaced."""
    issued = value.removeprefix("whsec_")  # its letters would count among those of a key of zeros
    bracketed = issued.startswith("<") and issued.endswith(">")
    return (
        bracketed or len(set(issued)) < _MIN_DISTINCT or any(word in value.lower() for word in _PLACEHOLDERS)
    )
