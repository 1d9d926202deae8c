"""Values in headers, found by data: which header, split at what, beginning with what."""

from collections.abc import Mapping

from cancellations.errors import SignatureRefused
from cancellations.values import dataclass

MAX_HEADER_CHARS = 8192
MAX_VALUES = 10
"""No sender rotates more keys at once; whoever sends more wants us to compute."""


@dataclass(frozen=True, slots=True)
class Field:
    """The parts of a header, split at `separator`, that begin with one of `prefixes`, without it.

    Spaces around the parts are no part of them. A header without a separator is one part. API Gateway joins a header
    that comes twice by a comma: in a list one right signature verifies all the same, and two timestamps are refused;
    a header that is no list then differs from what its sender writes, and fits nothing.

    scheme: of the header `authorization`, in lower case. Its name may precede the value, in any case (RFC 9110,
    section 11.1), or be missing.
    """

    header: str
    prefixes: tuple[str, ...] = ("",)
    separator: str | None = None
    scheme: str | None = None

    def values(self, headers: Mapping[str, str]) -> list[str]:
        """At most MAX_VALUES, in order; none where the header is missing. Raises SignatureRefused."""
        header = headers.get(self.header, "")
        if len(header) > MAX_HEADER_CHARS or not header.isascii():
            raise SignatureRefused(f"{self.header} is too long or not ASCII")
        parts = [part.strip(" ") for part in header.split(self.separator)] if self.separator else [header]
        found = (self._value(part) for part in parts if part)
        return [value for value in found if value is not None][:MAX_VALUES]

    def value(self, headers: Mapping[str, str]) -> str:
        """The only one. Raises SignatureRefused where there is none, or more than one."""
        match self.values(headers):
            case [one]:
                return one
            case []:
                raise SignatureRefused(f"{self.header} is missing or has another form")
        raise SignatureRefused(f"{self.header} has several values where one is meant")

    def written(self, value: str) -> str:
        """Return the value as a sender writes it into the header, without its neighbours in a list."""
        if self.scheme:
            return f"{self.scheme.title()} {value}"
        return value if "" in self.prefixes else self.prefixes[0] + value

    def _value(self, part: str) -> str | None:
        if self.scheme:
            name, _, value = part.strip(" ").partition(" ")
            return value.lstrip(" ") if name.lower() == self.scheme else part.strip(" ")
        return next((part.removeprefix(p) for p in self.prefixes if part.startswith(p)), None)
