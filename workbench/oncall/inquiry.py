"""Was it cancelled? One session, as Prevail lists it and as the ledger has it, read now."""

from collections.abc import Mapping
from dataclasses import dataclass

from cancellations import sentences
from cancellations.adapters.aws import DynamoTable
from cancellations.answers import Unread
from cancellations.configuration import Configuration
from cancellations.domain import Json, OnRestored, Organization
from cancellations.errors import SecretFault, Unavailable
from cancellations.ports import Clock
from cancellations.protocol.claiming import RESTORED_AFTER_S, canceled_since
from cancellations.results import evidence_in
from cancellations.writes import at, text
from oncall import prevail, session
from oncall.comparison import CANCELED, Row, listed_as, row_for
from oncall.deployment import Deployment
from oncall.moments import iso, seconds_of
from oncall.session import Ledgers
from oncall.vault import Vault

ON_RESTORED: Mapping[OnRestored, str] = {
    "review": "A new request of a source settles as needs_review: session_restored, since on_restored is review.",
    "cancel": "A new request of a source cancels it too, since on_restored is cancel.",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """Prevail's word. state: as the list says it, or NOT_LISTED; None: it could not be read, `said` why."""

    state: str | None
    said: str | None = None
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class Inquiry:
    organization: Organization
    remote_session_id: str
    listing: Listing
    ledger: Ledgers

    @property
    def canceled(self) -> bool | None:
        """None: could not be told."""
        return CANCELED[listed_as(self.listing.state)]

    @property
    def row(self) -> Row:
        return row_for(listed_as(self.listing.state), self.ledger.standing)

    @property
    def means(self) -> str:
        return self._filled(self.row.means)

    @property
    def do(self) -> str | None:
        """What keeps Prevail from telling comes first."""
        parts = (self.listing.fix, self._filled(self.row.do) if self.row.do else None)
        return ". ".join(part for part in parts if part) or None

    def _filled(self, words: str) -> str:
        item = self.ledger.item
        by = text(item, "canceled_by")
        proof = evidence_in(at(item, ("outcomes", by))) if by else None
        known = {
            "organization": self.organization.slug,
            "session": self.remote_session_id,
            "state": self.listing.state or "unread",
            "by": f"whose request did it: {by[:12]}" if by else "no request of ours that did it",
            "evidence": sentences.evidence(proof) if proof else "its evidence stands with the requests below",
            "look_after": self.ledger.as_dict().get("look_after") or "a minute",
            "asked_anew_after": iso(canceled_since(item) + RESTORED_AFTER_S),
            "on_restored": ON_RESTORED[self.organization.on_restored],
        }
        for name, value in known.items():
            words = words.replace(f"{{{name}}}", str(value))
        return words

    def as_dict(self) -> dict[str, Json]:
        listing = self.listing
        told: dict[str, Json] = {"base_url": self.organization.base_url, "state": listing.state}
        told |= {"unread": listing.said} if listing.said else {}
        return {
            "organization": self.organization.slug,
            "remote_session_id": self.remote_session_id,
            "canceled": self.canceled,
            "prevail": told,
            "ledger": self.ledger.as_dict(),
            "requests": list(self.ledger.requests),
            "requests_complete": not self.ledger.partly,
            "differ": self.row.differ,
            "means": self.means,
            "do": self.do,
        }


@dataclass(frozen=True, slots=True)
class Inquire:
    deployment: Deployment
    configuration: Configuration
    clock: Clock

    def __call__(self, slug: str, remote_session_id: str, starts_at: float | None) -> Inquiry:
        """starts_at: the list is read around it first; by default around what the requests say. Raises KeyError."""
        organization = self.configuration.organizations[slug]
        table = DynamoTable(self.deployment.client("dynamodb"), self.deployment.table)
        ledger = session.read(table, slug, remote_session_id, self.clock())
        starts_at = _known(ledger) if starts_at is None else starts_at
        listing = self._listing(organization, remote_session_id, starts_at)
        return Inquiry(organization, remote_session_id, listing, ledger)

    def _listing(
        self, organization: Organization, remote_session_id: str, starts_at: float | None
    ) -> Listing:
        vault = Vault(self.deployment.client("secretsmanager"), self.deployment.secrets_prefix)
        try:
            api_key = vault.api_key(organization)
        except SecretFault as fault:
            return Listing(None, str(fault), "Mend the secret: until then its requests are held")
        except Unavailable as silent:
            return Listing(None, str(silent), "Sign in with a role that may read the secret")
        state = prevail.read_state(organization, api_key, remote_session_id, starts_at, self.clock)
        if isinstance(state, Unread):
            return Listing(None, *prevail.explained(state.answer))
        return Listing(state)


def _known(ledger: Ledgers) -> float | None:
    """The start of the session by the newest request that says it."""
    said = [str(request["starts_at"]) for request in ledger.requests if "starts_at" in request]
    return seconds_of(said[0]) if said else None
