"""Secrets as they are stored: where, in which form, and whether they are of use. No fault repeats a value."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from cancellations.adapters.keyring import KeptKeyring
from cancellations.domain import Organization
from cancellations.errors import SecretFault
from cancellations.ports import CURRENT, Stored
from cancellations.values import dataclass

type Fetch = Callable[[str, str], str | None]
"""One version of a secret, by name and stage. None where there is none. Raises SecretFault or Unavailable."""

MIN_API_KEY_BYTES = 32
"""An HMAC-SHA256 key should be no shorter than its output (RFC 7518, section 3.2)."""

MAX_LISTED = 4

PREVIOUS_VERSION, REFUSE = "previous_version", "refuse"

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
_PEM = "-----BEGIN"
_BYTE_ORDER_MARK = "\ufeff"

_QUOTES = "\"'`\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a\u00ab\u00bb"
_INVISIBLE = {
    _BYTE_ORDER_MARK: "a byte order mark",
    "\u00a0": "a no-break space",
    "\t": "a tab",
    "\n": "a line break",
    "\r": "a line break",
}
_VERSIONED = re.compile(r"v1a?,wh(?:sec|pk|sk)_")
"""Standard Webhooks write `v1,` before a signature. Some vendors show it before the secret, where it means nothing."""


# ── Whether they are of use ───────────────────────────────────────────────────────────────────────


def fault_of_secret(value: str) -> str | None:
    """Return what is wrong with any secret, None if nothing is. The fault never repeats the secret.

    Copying and editors add what no secret has: with it every signature would be refused, without a cause.
    """
    if value != value.strip(" "):
        return "has white space around it; store the secret alone"
    if not value.isprintable() and not value.startswith(_PEM):
        return f"has {_invisible_in(value)}; store the secret without it"
    bare = value.lstrip("\\")
    if len(bare) > 1 and bare[0] in _QUOTES and bare[-1] in _QUOTES:
        return "has quotation marks around it; store the text between them"
    if _VERSIONED.match(value):
        return 'begins with a version and a comma; store it from "whsec_" (or "whpk_") on'
    return "looks like a placeholder; store the real one" if is_placeholder(value) else None


def _invisible_in(value: str) -> str:
    """Return the first sign that cannot be printed, and where it is; those at the ends go first."""
    where, sign = next(
        (where, sign)
        for where, signs in (("at its beginning", value[0]), ("at its end", value[-1]), ("inside", value))
        for sign in signs
        if not sign.isprintable()
    )
    return f"{_INVISIBLE.get(sign, 'an invisible character')} {where}"


def fault_of_api_key(key: str) -> str | None:
    """What keeps HS256 from using a key safely."""
    if key.startswith(_PEM):
        return "is a PEM key; Prevail signs with a shared API key"
    if fault := fault_of_secret(key):
        return fault
    if " " in key:
        return "has white space inside it; store the key alone"
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


# ── In which form ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Branch:
    """Secrets at PREFIX/BRANCH/NAME: JSON objects with one text in `field`, or a list where there may be `most`.

    revocable: the object may say `"previous_version": "refuse"`, for a previous version that has leaked.
    """

    name: str
    field: str
    fault_of: Callable[[str], str | None]
    most: int = 1
    revocable: bool = False

    def secrets_in(
        self, name: str, stored: str | None, label: str, *, strict: bool = False
    ) -> tuple[Stored, ...]:
        """Those of one version. strict: refuse unknown keys, as a check should. Raises SecretFault."""
        several = f" or up to {self.most}" if self.most > 1 else ""
        form = f'{{"{self.field}": "..."}}' + (f' or {{"{self.field}": ["new", "old"]}}' if several else "")
        if stored is None:
            raise SecretFault(name, f"does not exist; create it as {form}")
        try:
            document = json.loads(stored.removeprefix(_BYTE_ORDER_MARK))  # some editors write one
        except ValueError:
            raise SecretFault(name, f"is not JSON; store it as {form}") from None
        document = document if isinstance(document, dict) else {}
        value = document.get(self.field)
        listed = value if isinstance(value, list) and self.most > 1 else [value]
        values = [one for one in listed if isinstance(one, str) and one]
        if not 0 < len(values) == len(listed) <= self.most:
            raise SecretFault(name, f'has no "{self.field}" of one text{several}; store it as {form}')
        if fault := next(filter(None, map(self.fault_of, values)), None):
            raise SecretFault(name, f'"{self.field}" {fault}')
        if fault := self._fault_of_keys(document, strict=strict):
            raise SecretFault(name, fault)
        return tuple(
            Stored(label if place == 0 else f"{label} {place + 1}", one) for place, one in enumerate(values)
        )

    def refuses_previous(self, stored: str | None) -> bool:
        """Whether a version that `secrets_in` has read forbids the use of the one before it."""
        return self.revocable and PREVIOUS_VERSION in json.loads(stored or "{}")

    def _fault_of_keys(self, document: Mapping[str, object], *, strict: bool) -> str | None:
        """Never repeats an unknown key: it may be a secret that was pasted in the wrong place."""
        known = (self.field, PREVIOUS_VERSION) if self.revocable else (self.field,)
        if self.revocable and document.get(PREVIOUS_VERSION, REFUSE) != REFUSE:
            return f'"{PREVIOUS_VERSION}" is not "{REFUSE}"; write "{REFUSE}" or leave the key out'
        if strict and not document.keys() <= set(known):
            return f"has keys other than {' and '.join(map(json.dumps, known))}; correct or remove them"
        return None


API_KEYS = Branch("organizations", "api_key", fault_of_api_key)
SIGNING_SECRETS = Branch("sources", "signing_secret", fault_of_secret, MAX_LISTED, revocable=True)
CALLBACK_SECRETS = Branch("callbacks", "signing_secret", fault_of_secret, MAX_LISTED)


# ── Where ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class StoredSecrets:
    """A question for a keyring: the secrets under a name of one branch."""

    fetch: Fetch
    branch: Branch
    prefix: str
    strict: bool = False

    def __call__(self, name: str, previous: bool) -> tuple[Stored, ...]:
        full = self.full_name(name)
        stored = self.fetch(full, "AWSCURRENT")
        found = self.branch.secrets_in(full, stored, CURRENT, strict=self.strict)
        if previous and not self.branch.refuses_previous(stored):
            known = {one.value for one in found}
            found += tuple(one for one in self._spare_ones(full) if one.value not in known)
        return found

    def full_name(self, name: str) -> str:
        return f"{self.prefix}/{self.branch.name}/{name}"

    def _spare_ones(self, full: str) -> tuple[Stored, ...]:
        """None in a version that is unusable: often it is the placeholder that the first real secret replaced."""
        try:
            found = self.branch.secrets_in(full, self.fetch(full, "AWSPREVIOUS"), "previous")
        except SecretFault:
            return ()
        return tuple(replace(one, spare=True) for one in found)


@dataclass(frozen=True, slots=True)
class OrganizationKeys:
    """The port for API keys, on a ring of API_KEYS."""

    ring: KeptKeyring

    def api_key(self, organization: Organization) -> str:
        (key,) = self.ring.of(organization.secret)
        return key.value

    def forget(self, organization: Organization) -> None:
        self.ring.forget(organization.secret)
