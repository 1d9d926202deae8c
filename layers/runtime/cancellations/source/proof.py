"""How one source proves itself: a scheme, and where the keys for it are kept."""

from dataclasses import field

from cancellations.source.verification.bearer import Bearer
from cancellations.source.verification.shared import Shared
from cancellations.source.verification.signed import Signed
from cancellations.values import dataclass


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret of this name, below the deployment's prefix for sources."""

    name: str

    def __str__(self) -> str:
        return f"secret {self.name}"


@dataclass(frozen=True, slots=True)
class KeySetFile:
    """A set of public keys, read with the configuration."""

    document: str = field(repr=False)

    def __str__(self) -> str:
        return "key set file"


@dataclass(frozen=True, slots=True)
class KeySetUrl:
    """The one address from which a set of public keys may be fetched."""

    url: str

    def __str__(self) -> str:
        return f"key set {self.url}"


@dataclass(frozen=True, slots=True)
class Proof:
    scheme: Signed | Bearer | Shared
    keys: Secret | KeySetFile | KeySetUrl

    @property
    def credential(self) -> str | None:
        """The header that carries a secret or a token, which must not get anywhere else."""
        field = self.scheme.field if isinstance(self.scheme, Bearer | Shared) else None
        return field.header if field else None
