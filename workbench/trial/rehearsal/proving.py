"""Who sent it? What a scheme looks at, found or missing, and whether it fits."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from cancellations.domain import Delivery
from cancellations.errors import SignatureRefused
from cancellations.ports import Stored
from cancellations.source.verification import clocks
from cancellations.source.verification.bearer import Bearer
from cancellations.source.verification.shared import Shared
from cancellations.source.verification.signed import METHOD, Signed
from cancellations.source.verification.template import Name
from trial.rehearsal import misfit, tokens
from trial.rehearsal.headers import found, header, only
from trial.rehearsal.report import Finding

SHOWN_BYTES = 48

_FORMS: Mapping[clocks.Unit, str] = {
    "s": "ten digits, seconds since 1970",
    "ms": "thirteen digits, milliseconds since 1970",
    "iso": "2026-11-20T18:00:00Z, to the second, in UTC",
}


def proved(
    scheme: Signed | Bearer | Shared, delivery: Delivery, stored: Sequence[Stored], now: float
) -> tuple[Finding, ...]:
    """stored: empty where nothing is to be verified."""
    match scheme:
        case Signed():
            return tuple(_signed(scheme, delivery, stored, now))
        case Bearer():
            findings = tuple(tokens.read(scheme, delivery, now))
        case Shared():
            findings = tuple(_shared(scheme, delivery))
    return (*findings, _judged(scheme, delivery, stored, now)) if stored else findings


def _judged(scheme: Bearer | Shared, delivery: Delivery, stored: Sequence[Stored], now: float) -> Finding:
    """The scheme's own verdict, one secret after the other."""
    name, cause = ("token" if isinstance(scheme, Bearer) else "secret"), ""
    for one in stored:
        try:
            scheme.verify(delivery, scheme.keys_of(one.value), now)  # type: ignore[arg-type] # keys of its own kind
        except SignatureRefused as refused:
            cause = cause or refused.cause
            continue
        return Finding(name, f"fits the {one.label!r} one", good=True)
    return Finding(name, cause, good=False, mend="Is it this sender's, and the one that is stored?")


def _signed(scheme: Signed, delivery: Delivery, stored: Sequence[Stored], now: float) -> Iterator[Finding]:
    fields = {"id": scheme.id, "timestamp": scheme.timestamp, "signature": scheme.signature}
    for what, field in fields.items():
        if field:
            yield header(what, field, delivery.headers)
    message_id, timestamp = (only(field, delivery.headers) for field in (scheme.id, scheme.timestamp))
    if scheme.timestamp and timestamp:
        yield _time(scheme, timestamp, now)
    values: dict[Name, bytes] = {
        "id": message_id.encode(),
        "timestamp": timestamp.encode(),
        "method": METHOD,
        "url": scheme.url.encode(),
        "body": delivery.body,
    }
    signed = scheme.template.filled(values)
    parts = "".join(
        part.decode() if isinstance(part, bytes) else f"{{{part}}}" for part in scheme.template.parts
    )
    beginning = ascii(signed[:SHOWN_BYTES].decode("utf-8", "replace"))[1:-1]
    yield Finding("signed is", f"{parts}: {len(signed)} bytes, beginning {beginning}")
    if scheme.url:
        yield Finding(
            "address", f"{scheme.url} (public_url; it is signed, so it must be the sender's to the letter)"
        )
    presented = found(scheme.signature, delivery.headers)
    if stored and presented:
        yield _fit(scheme, values, presented, stored)


def _fit(
    scheme: Signed, values: dict[Name, bytes], presented: list[str], stored: Sequence[Stored]
) -> Finding:
    signed = scheme.template.filled(values)
    for one in stored:
        for key in scheme.keys_of(one.value):
            if key.signs(signed, presented, scheme.encoding):
                return Finding("signature", f"fits, by the secret {one.label!r}", good=True)
    tried = ", ".join(one.label for one in stored)
    mend = misfit.explained(scheme, values, presented, stored) or UNKNOWN
    return Finding("signature", f"fits none of the secrets that were tried: {tried}", good=False, mend=mend)


UNKNOWN = (
    "Is it this sender's secret, and the body byte for byte as it was sent? A body that was pretty-printed, or went "
    "through an editor or a proxy that rewrites it, is another body."
)


def _time(scheme: Signed, written: str, now: float) -> Finding:
    try:
        sent_at = clocks.moment(written, scheme.unit)
    except SignatureRefused as refused:
        form = _FORMS[scheme.unit]
        return Finding("timestamp", f"{refused}: {written[:40]!a}", good=False, mend=f"It must be {form}.")
    age = now - sent_at
    when = datetime.fromtimestamp(sent_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = f"{when}, {abs(age):.0f} s {'ago' if age >= 0 else 'in the future'}; {scheme.tolerance_s} s are allowed"
    if abs(age) <= scheme.tolerance_s:
        return Finding("timestamp", told, good=True)
    return Finding(
        "timestamp", told, good=False, mend=f"For a recorded delivery, say when it was: --at {when}"
    )


def _shared(scheme: Shared, delivery: Delivery) -> Iterator[Finding]:
    yield header("secret", scheme.field, delivery.headers)
    said = only(scheme.field, delivery.headers)
    if said != said.strip():
        yield Finding("secret", "has white space around it", good=False, mend="Let the sender send it alone.")
    if scheme.basic and said:
        try:
            base64.b64decode(said, validate=True)
        except ValueError:
            yield Finding("secret", "is not base64", good=False, mend="It must be base64 of user:password.")
