"""Values in headers, found or missing."""

from collections.abc import Mapping

from cancellations.errors import SignatureRefused
from cancellations.source.presets import PRESETS
from cancellations.source.verification.bearer import Bearer
from cancellations.source.verification.headers import MAX_HEADER_CHARS, Field
from cancellations.source.verification.shared import Shared
from cancellations.source.verification.signed import Signed
from trial.rehearsal.causes import Cause
from trial.rehearsal.paths import near
from trial.rehearsal.report import Finding, wrong

LEGACY: Mapping[str, tuple[str, str]] = {
    "x-hub-signature": ("x-hub-signature-256", "It is made with sha1, which is not supported."),
    "x-hubspot-signature": ("x-hubspot-signature-v3", "It is version 1 or 2, which does not use HMAC."),
    "x-square-signature": ("x-square-hmacsha256-signature", "It is made with sha1, which is not supported."),
}
"""Headers of older versions, what took their place, and why they are of no use."""


def header(what: str, field: Field, headers: Mapping[str, str]) -> Finding:
    name = f"header {field.header}"
    if field.header not in headers:
        similar = near(field.header, list(headers))
        instead = f"; there is {similar}" if similar else ""
        return wrong(name, f"is missing ({what}){instead}", *_missing(field, headers))
    length, values = len(headers[field.header]), found(field, headers)
    if length > MAX_HEADER_CHARS or not headers[field.header].isascii():
        said = f"is longer than {MAX_HEADER_CHARS} characters or not ASCII ({what})"
        return wrong(
            name, said, Cause("header-form", f"The header {field.header} {said}.", "Send it in ASCII.")
        )
    if not values:
        prefixes = " or ".join(repr(prefix) for prefix in field.prefixes)
        split = f", split at {field.separator!r}," if field.separator else ""
        said = f"is there ({length} characters), but no part of it{split} begins with {prefixes} ({what})"
        fix = "Another sender, another version of its signature, or another prefix than the table says."
        return wrong(name, said, Cause("header-prefix", f"The header {field.header} {said}.", fix))
    if what != "signature" and len(values) > 1:
        said = f"has {len(values)} values where one is meant ({what})"
        fix = "Check that no proxy adds a second one."
        return wrong(name, said, Cause("header-twice", f"The header {field.header} {said}.", fix))
    several = f", {len(values)} of them" if len(values) > 1 else ""
    return Finding(name, f"is there ({what}{several}, {length} characters)", good=True)


def found(field: Field, headers: Mapping[str, str]) -> list[str]:
    """Nothing where the verifier would refuse to look."""
    try:
        return field.values(headers)
    except SignatureRefused:
        return []


def only(field: Field | None, headers: Mapping[str, str]) -> str:
    """Nothing where there is none, or more than one."""
    listed = found(field, headers) if field else []
    return listed[0] if len(listed) == 1 else ""


def _missing(field: Field, headers: Mapping[str, str]) -> tuple[Cause, ...]:
    """Why a header may be missing: an older one is there, or those of another sender."""
    for old, (new, why) in LEGACY.items():
        if old in headers and new == field.header:
            said = f"There is only {old}. {why}"
            return (Cause("legacy-header", said, f"Let the sender send {new} as well."),)
    names = [name for name, preset in PRESETS.items() if _needs(preset.scheme) <= headers.keys()]
    if names:
        said = f"The header {field.header} is missing; these look like the headers of: {', '.join(names)}."
        return (Cause("headers-of-another", said, f"These look like the headers of: {', '.join(names)}."),)
    said = f"The header {field.header} is missing."
    fix = "Check its name at the sender, and that the file has all headers of the request."
    return (Cause("header-missing", said, fix),)


def _needs(scheme: Signed | Bearer | Shared) -> set[str]:
    fields = (
        (scheme.id, scheme.timestamp, scheme.signature) if isinstance(scheme, Signed) else (scheme.field,)
    )
    return {field.header for field in fields if field} or {"-"}
