"""A delivery's whole way, in the order of the receiver. Its own verdict stands at the end; the rest explains it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cancellations.adapters import http_api
from cancellations.configuration import Source
from cancellations.domain import Delivery
from cancellations.errors import CancellationsError, Malformed, UnsupportedBody
from cancellations.ports import Stored
from cancellations.receive import Arrival
from cancellations.source.proof import Proof, Secret
from cancellations.source.verification.bearer import Bearer
from cancellations.source.verification.shared import Shared
from trial.rehearsal import items, shapes, stored_secrets
from trial.rehearsal.causes import Table
from trial.rehearsal.proving import Besides, Case, proved
from trial.rehearsal.report import Finding, ItemReport, Part, Report, Veil
from trial.rehearsal.rooms import NOT_VERIFIED, receiver
from trial.rehearsal.signatures import keys
from trial.rehearsal.tokens import claims_in

UNUSABLE = 503
"""What senders hear while a secret is faulty."""


def webhook(
    source: Source,
    delivery: Delivery,
    stored: Sequence[Stored] | None,
    now: float,
    besides: Besides | None = None,
) -> Report:
    """stored: the source's secrets, or its set of public keys; None believes the delivery unseen."""
    begun = Report(source.name, good=False, verdict="", answer=None, parts=(_about(source),))
    if source.proof is None:
        return replace(begun, verdict="refused: its events come by the bus, not by webhook", answer=401)
    play = _Play(source, source.proof, delivery, stored, besides or Besides())
    return play.veil().report(play.report(begun, now))


@dataclass(frozen=True, slots=True)
class _Play:
    source: Source
    proof: Proof
    delivery: Delivery
    stored: Sequence[Stored] | None = field(repr=False)
    besides: Besides

    def report(self, begun: Report, now: float) -> Report:
        scheme, source, delivery = self.proof.scheme, self.source, self.delivery
        table = Table(source.name, source.verify)
        about = proved(scheme, Case(table, delivery, self.stored or (), now, self.besides))
        fault = self._unusable()
        shown = (self.stored or ()) if isinstance(self.proof.keys, Secret) else ()
        secrets = Part("its secret", stored_secrets.findings(shown, self.besides, fault, about[-1].causes))
        who = Part("who sent it", about)
        begun = replace(begun, parts=(*begun.parts, *([secrets] if secrets.findings else []), who))
        if fault:
            return replace(begun, verdict=f"refused: {fault}", answer=UNUSABLE)
        claims = claims_in(scheme, delivery)
        try:
            result = receiver(source, self.stored, claims)(delivery, now)
        except CancellationsError as error:
            read = items.refused(source, delivery, claims, now) if isinstance(error, Malformed) else ()
            answer = int(http_api.response_to(error)["statusCode"])
            begun = replace(begun, parts=(*begun.parts, *_shape(source, delivery, error)))
            return replace(begun, verdict=f"refused: {error}", answer=answer, items=read)
        answer = int(http_api.response_for(result)["statusCode"])
        if not isinstance(result, Arrival):
            return replace(begun, good=True, verdict="a greeting, which is sent back", answer=answer)
        said = _said(source, delivery, result.key)
        return _ended(begun, said, items.taken(source, delivery, claims, result.results), answer)

    def _unusable(self) -> str | None:
        """What is wrong with the keys themselves."""
        if self.stored is not None and self.besides.faults:
            return "; ".join(self.besides.faults)
        for one in self.stored or ():
            try:
                self.proof.scheme.keys_of(one.value)
            except ValueError as fault:
                return f"{self.proof.keys}, {one.label}: {fault}"
        return None

    def veil(self) -> Veil:
        """Over the secrets at hand, and over what travels as one."""
        at_hand = [one.value for one in (*(self.stored or ()), *self.besides.others)]
        secrets = [*at_hand, *(meant.value for one in at_hand if (meant := keys.obvious(one)))]
        match self.proof.scheme:
            case Bearer(field=None):
                secrets.append(self.delivery.body.decode("ascii", "replace"))
            case (Shared() | Bearer()) as scheme if scheme.field:
                header = self.delivery.headers.get(scheme.field.header, "")
                secrets += [header, *header.split()[1:]]
        return Veil.over(secrets)


def _shape(source: Source, delivery: Delivery, error: CancellationsError) -> tuple[Part, ...]:
    """What the body looks like, if it is not read as the table says."""
    if not isinstance(error, Malformed | UnsupportedBody):
        return ()
    found = shapes.explained(source, delivery)
    return (Part("what it says", found),) if found else ()


def bus_event(source: Source, event: Mapping[str, Any], account: str | None, now: float) -> Report:
    """account: the one of the deployment, None where that is not known."""
    begun = Report(source.name, good=False, verdict="", answer=None, parts=(_about(source),))
    if source.bus is None:
        return replace(begun, verdict="refused: its deliveries come by webhook, not by the bus")
    wanted = {"source": source.bus.source, "detail-type": source.bus.detail_type}
    if of := source.bus.account or account:
        wanted["account"] = of
    whose = Part(
        "whose event it is", tuple(_same(name, event.get(name), value) for name, value in wanted.items())
    )
    if not all(finding.good for finding in whose.findings):
        parts = (*begun.parts, whose)
        return replace(begun, verdict="refused: the source announces other events than this", parts=parts)
    try:
        return _ended(begun, whose, items.on_the_bus(source, dict(event), now), None)
    except CancellationsError as error:
        return replace(begun, verdict=f"refused: {error}", parts=(*begun.parts, whose))


def _ended(begun: Report, last: Part, read: Sequence[ItemReport], answer: int | None) -> Report:
    return replace(
        begun,
        good=all(item.good for item in read),
        verdict="; ".join(item.becomes for item in read) or "nothing in it",
        answer=answer,
        parts=(*begun.parts, last),
        items=tuple(read),
    )


def _about(source: Source) -> Part:
    findings = {
        "verify": source.verify,
        "organization": ", ".join(source.organizations),
        "mode": source.mode,
    }
    return Part(f"source {source.name}", tuple(Finding(name, said) for name, said in findings.items()))


def _said(source: Source, delivery: Delivery, key: str) -> Part:
    media_type = delivery.headers.get("content-type", "no content-type")
    by = Finding("verified by", f"the key {key!r}", good=True)
    believed = Finding("verified by", f"nobody: {NOT_VERIFIED}")
    body = Finding("body", f"{source.body}, {len(delivery.body)} bytes ({media_type})", good=True)
    return Part("what it says", (believed if key == NOT_VERIFIED else by, body))


def _same(name: str, found: object, wanted: str) -> Finding:
    if found == wanted:
        return Finding(name, wanted, good=True)
    return Finding(name, f"is {str(found)[:256]!a}, where {wanted!r} is wanted", good=False)
