"""Who sent it? What a scheme looks at, found or missing, and whether it fits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from cancellations.domain import Delivery
from cancellations.errors import SignatureRefused
from cancellations.ports import Stored
from cancellations.source.verification import clocks
from cancellations.source.verification.bearer import Bearer
from cancellations.source.verification.shared import Shared
from cancellations.source.verification.signed import Signed
from trial.rehearsal import credentials, token_causes, tokens, unexplained
from trial.rehearsal.causes import Cause, Table
from trial.rehearsal.causes import said as said_of
from trial.rehearsal.headers import found, header, only
from trial.rehearsal.report import Finding, without, wrong
from trial.rehearsal.signatures.addresses import Seen
from trial.rehearsal.signatures.messages import written
from trial.rehearsal.signatures.search import Search

SHOWN_BYTES = 48

_FORMS: Mapping[clocks.Unit, str] = {
    "s": "ten digits, seconds since 1970",
    "ms": "thirteen digits, milliseconds since 1970",
    "iso": "2026-11-20T18:00:00Z, to the second, in UTC",
}


@dataclass(frozen=True, slots=True)
class Besides:
    """What is known besides a delivery and its secrets.

    faults: why the stored secrets would be refused. notes: what else is to be said of them.
    others: secrets that are not this source's. seen: the address at which the delivery arrived.
    """

    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    others: tuple[Stored, ...] = field(default=(), repr=False)
    seen: Seen = field(default_factory=Seen)


@dataclass(frozen=True, slots=True)
class Case:
    """A delivery, what it is to be verified with, and when. stored: empty where nothing is to be verified."""

    table: Table
    delivery: Delivery
    stored: Sequence[Stored] = field(repr=False)
    now: float
    besides: Besides


def proved(scheme: Signed | Bearer | Shared, case: Case) -> tuple[Finding, ...]:
    match scheme:
        case Signed():
            return _decided(tuple(_signed(scheme, case)))
        case Bearer():
            findings = tuple(tokens.read(scheme, case.delivery, case.now))
        case Shared():
            findings = (header("secret", scheme.field, case.delivery.headers),)
    return _decided((*findings, _judged(scheme, case))) if case.stored else findings


OPEN = {"secret-or-body", "secret-another", "hash-of-another"}
"""Causes that are only what remains; all others of the last finding are proven."""

SUPERSEDED = {"header-prefix", "header-missing", "headers-of-another", "jwt-missing"}


def _decided(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What the last finding has proven takes the place of what the headers alone suggest."""
    proven = {cause.code for cause in findings[-1].causes} - OPEN
    if not proven:
        return findings
    superseded = SUPERSEDED | (
        {"timestamp-form"} if proven & {"signature-separator", "timestamp-header"} else set()
    )
    return (*(without(finding, superseded) for finding in findings[:-1]), findings[-1])


def _judged(scheme: Bearer | Shared, case: Case) -> Finding:
    """The scheme's own verdict, one secret after the other."""
    name, cause = ("token" if isinstance(scheme, Bearer) else "secret"), ""
    for one in case.stored:
        try:
            keys = scheme.keys_of(one.value)
            scheme.verify(case.delivery, keys, case.now)  # type: ignore[arg-type] # keys of its own kind
        except ValueError as unusable:
            cause = cause or f"is not usable: {unusable}"
        except SignatureRefused as refused:
            cause = cause or refused.cause
        else:
            return Finding(name, f"fits the {one.label!r} one", good=True)
    if isinstance(scheme, Bearer):
        causes = token_causes.explained(scheme, case.delivery, case.stored, case.now, case.table)
    else:
        causes = credentials.explained(scheme, case.delivery, case.stored, case.besides.others, case.table)
    if causes:
        return wrong(name, f"{cause}. {said_of(causes)}", *causes)
    return Finding(name, cause, good=False, mend="Is it this sender's, and the one that is stored?")


def _signed(scheme: Signed, case: Case) -> Iterator[Finding]:
    fields = {"id": scheme.id, "timestamp": scheme.timestamp, "signature": scheme.signature}
    for what, where in fields.items():
        if where:
            yield header(what, where, case.delivery.headers)
    if scheme.timestamp and (timestamp := only(scheme.timestamp, case.delivery.headers)):
        yield _time(scheme, timestamp, case)
    search = Search(scheme, case.table, case.delivery, case.stored, case.besides.others, case.besides.seen)
    signed = search.messages.base.signed()
    beginning = ascii(signed[:SHOWN_BYTES].decode("utf-8", "replace"))[1:-1]
    what = written(scheme.template)
    yield Finding("signed is", f"{what}: {len(signed)} bytes, beginning {beginning}")
    if scheme.url:
        yield Finding(
            "address", f"{scheme.url} (public_url; it is signed, so it must be the sender's to the letter)"
        )
    if case.stored:
        yield _fit(search, signed)


def _fit(search: Search, signed: bytes) -> Finding:
    scheme, presented = search.scheme, found(search.scheme.signature, search.delivery.headers)
    for one in search.stored:
        try:
            keys = replace(scheme, least=1).keys_of(
                one.value
            )  # a short one is refused, and may fit all the same
        except ValueError:
            continue
        if any(key.signs(signed, presented, scheme.encoding) for key in keys):
            return Finding("signature", f"fits, by the secret {one.label!r}", good=True)
    tried = ", ".join(one.label for one in search.stored)
    explained = search.explained()
    if explained.causes:
        by = f" (by the secret {explained.by!r})" if explained.by else ""
        what = f"does not fit as it is, but with this change{by}: {said_of(explained.causes)}"
        return wrong("signature", what, *explained.causes)
    cause = unexplained.cause(search, explained)
    return wrong("signature", f"fits none of the secrets that were tried: {tried}. {cause.said}", cause)


def _time(scheme: Signed, text: str, case: Case) -> Finding:
    try:
        sent_at = clocks.moment(text, scheme.unit)
    except SignatureRefused as refused:
        found = f"{refused}: {text[:40]!a}"
        return wrong("timestamp", found, _form_of_time(scheme, text, f"{found}.", case.table))
    age = case.now - sent_at
    when = datetime.fromtimestamp(sent_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = f"{when}, {abs(age):.0f} s {'ago' if age >= 0 else 'in the future'}; {scheme.tolerance_s} s are allowed"
    if abs(age) <= scheme.tolerance_s:
        return Finding("timestamp", told, good=True)
    code = "timestamp-old" if age >= 0 else "timestamp-in-the-future"
    fix = f"For a recorded delivery, say when it was: --at {when}"
    return wrong("timestamp", told, Cause(code, f"The timestamp is {told}.", fix))


def _form_of_time(scheme: Signed, text: str, said: str, table: Table) -> Cause:
    """Another unit, if the text has the form of one."""
    must = f"It must be {_FORMS[scheme.unit]}."
    for unit, form in _FORMS.items():
        try:
            clocks.moment(text, unit)
        except SignatureRefused:
            continue
        what = f"The timestamp has {form}, where {_FORMS[scheme.unit]} is expected."
        return Cause("timestamp-unit", what, f"{must} {table.set('timestamp_unit', unit)}")
    return Cause("timestamp-form", said, must)
