"""What a configuration says, checked: who our organizations are, and which sources may speak for them."""

from collections.abc import Mapping
from dataclasses import field, replace
from types import MappingProxyType
from typing import Literal

from cancellations.domain import BusMatch, Organization
from cancellations.source.mapping import Expressions
from cancellations.source.presets import BodyKind, Greeting
from cancellations.source.proof import Proof, Secret
from cancellations.values import dataclass

type Mode = Literal["active", "observe"]
type Missing = Literal["refuse", "ignore"]


@dataclass(frozen=True, slots=True)
class LookupTable:
    """Which session a sender's own id means. `sessions` None: the ledger's table knows.

    missing: what a delivery is whose id is not in the table: refused, or no cancellation of ours.
    """

    sessions: Mapping[str, str] | None
    missing: Missing


@dataclass(frozen=True, slots=True)
class Callback:
    """Where a source hears what became of what it asked, and the name of the secret that it is signed with."""

    url: str = field(repr=False)
    """May be a credential by itself: many products sign it in its query."""
    secret: str


@dataclass(frozen=True, slots=True)
class Source:
    """A system that asks for cancellations. `proof` is None for bus sources, `bus` for all others.

    verify: the preset's name, "bus" for bus sources. greeting: how it tries our address, where it may do so now.
    """

    name: str
    verify: str
    proof: Proof | None
    bus: BusMatch | None
    expressions: Expressions
    body: BodyKind = "json"
    mode: Mode = "active"
    greeting: Greeting | None = None
    lookup: LookupTable | None = None
    cap_per_hour: int | None = None
    """More cancellations than that in an hour are held for a person."""
    callback: Callback | None = None

    @property
    def organizations(self) -> tuple[str, ...]:
        """Whose sessions it may cancel."""
        named = self.expressions.organization
        return (named,) if isinstance(named, str) else tuple(sorted(set(named.organizations.values())))


@dataclass(frozen=True, slots=True)
class Configuration:
    """warnings: what may be meant and may be a mistake, as lines in the form of faults."""

    organizations: Mapping[str, Organization]
    sources: Mapping[str, Source]
    warnings: tuple[str, ...] = ()

    @property
    def caps(self) -> Mapping[str, int]:
        """How many cancellations a source may ask for in an hour, where it says so."""
        return {name: s.cap_per_hour for name, s in self.sources.items() if s.cap_per_hour is not None}

    @property
    def callbacks(self) -> Mapping[str, Callback]:
        """By the name of the source that is to hear."""
        return {name: s.callback for name, s in self.sources.items() if s.callback is not None}

    @property
    def signing_secrets(self) -> list[str]:
        """The names of those that sources are verified with, each once."""
        proofs = (source.proof for source in self.sources.values() if source.proof)
        return list(dict.fromkeys(proof.keys.name for proof in proofs if isinstance(proof.keys, Secret)))

    def at_origin(self, base_url: str) -> "Configuration":
        """The same, with another origin in place of every organization's base_url."""
        moved = {slug: replace(o, base_url=base_url) for slug, o in self.organizations.items()}
        return replace(self, organizations=MappingProxyType(moved))
