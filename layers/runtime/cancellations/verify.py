"""Who sent this? The keys of a source, its scheme's verdict, and the same work for sources that do not exist."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cancellations.configuration import Source
from cancellations.domain import Delivery, Json
from cancellations.errors import ConfigurationError, SecretFault, SignatureRefused
from cancellations.ports import KEY_SET, Keyring, Stored
from cancellations.source.presets import STANDARD_WEBHOOKS
from cancellations.source.proof import KeySetFile, KeySetUrl, Proof, Secret
from cancellations.source.verification import Scheme
from cancellations.source.verification.bearer import Bearer
from cancellations.source.verification.shared import Shared
from cancellations.source.verification.signed import Signed
from cancellations.values import dataclass

STRANGER = Proof(STANDARD_WEBHOOKS, Secret("-/unknown-source"))
"""What an unknown source is verified with. No configured secret can have this name, and none should exist."""

MAX_KEPT_KEYS = 256


@dataclass(frozen=True, slots=True)
class Known:
    """A delivery that comes from its source. `key` names the key that it was signed with; `claims` are its token's."""

    key: str
    claims: Json = None


@dataclass(frozen=True, slots=True)
class _ForStrangers:
    """Asks as for any source; where there is nothing to verify with, it is a secret that nobody knows."""

    ring: Keyring
    nobodys: tuple[Stored, ...]

    def of(self, name: str) -> tuple[Stored, ...]:
        try:
            return self.ring.of(name)
        except SecretFault:
            return self.nobodys

    def refreshed(self, name: str) -> tuple[Stored, ...] | None:
        try:
            return self.ring.refreshed(name)
        except SecretFault:
            return self.nobodys


@lru_cache(MAX_KEPT_KEYS)
def _keys(scheme: Signed | Bearer | Shared, stored: str) -> tuple[Any, ...]:
    """Made once for each text that is stored: another text, as after a rotation, makes others. Raises ValueError."""
    return scheme.keys_of(stored)


def faults_of(sources: Iterable[Source]) -> list[str]:
    """One line for each source that this process could not verify, whatever it sends."""
    faults = []
    for source in sources:
        match source.proof:
            case Proof(Bearer() as scheme, KeySetFile(document)):
                try:
                    scheme.keys_of(document)
                except ValueError as fault:
                    faults.append(f"source {source.name}: its key set {fault}")
    return faults


@dataclass(frozen=True, slots=True)
class Verify:
    secrets: Keyring
    key_sets: Keyring
    nobodys_secret: str
    """A random one: a stranger's delivery is refused by the same work as a forged one."""

    def __call__(self, source: Source | None, delivery: Delivery, now: float) -> Known:
        """Raises SignatureRefused, Malformed, ConfigurationError or Unavailable."""
        proof = source.proof if source is not None and source.proof is not None else STRANGER
        try:
            known = self._verified(proof, delivery, now)
        except SignatureRefused as refused:
            refused.stranger = proof is STRANGER
            raise
        if proof is STRANGER:
            raise SignatureRefused("unknown source", stranger=True)
        return known

    def _verified(self, proof: Proof, delivery: Delivery, now: float) -> Known:
        match proof.keys:
            case KeySetFile(document):
                return self._judged(proof, (Stored(KEY_SET, document),), delivery, now)
            case KeySetUrl(name):
                ring = self.key_sets
            case Secret(name) if proof is STRANGER:
                ring = _ForStrangers(self.secrets, (Stored("nobody", self.nobodys_secret),))
            case Secret(name):
                ring = self.secrets
        try:
            return self._judged(proof, ring.of(name), delivery, now)
        except (SignatureRefused, SecretFault):
            # A rotation may have happened since; whoever forges makes us ask no more often than the ring allows.
            fresh = ring.refreshed(name)
            if fresh is None:
                raise
        return self._judged(proof, fresh, delivery, now)

    def _judged(self, proof: Proof, stored: tuple[Stored, ...], delivery: Delivery, now: float) -> Known:
        scheme: Scheme[Any] = proof.scheme
        labels: list[str] = []
        keys: list[Any] = []
        for one in stored:
            try:
                made = _keys(proof.scheme, one.value)
            except ValueError as fault:
                if one.spare:
                    continue
                raise ConfigurationError([f"{proof.keys}, {one.label}: {fault}"]) from fault
            labels += [one.label] * len(made)
            keys += made
        verified = scheme.verify(delivery, tuple(keys), now)
        return Known(labels[verified.matched], verified.claims)
