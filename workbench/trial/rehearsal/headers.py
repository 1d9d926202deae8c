"""Values in headers, found or missing."""

from collections.abc import Mapping

from cancellations.errors import SignatureRefused
from cancellations.source.presets import PRESETS
from cancellations.source.verification.bearer import Bearer
from cancellations.source.verification.headers import Field
from cancellations.source.verification.shared import Shared
from cancellations.source.verification.signed import Signed
from trial.rehearsal.paths import near
from trial.rehearsal.report import Finding


def header(what: str, field: Field, headers: Mapping[str, str]) -> Finding:
    name = f"header {field.header}"
    if field.header not in headers:
        similar = near(field.header, list(headers))
        instead = f"; there is {similar}" if similar else ""
        return Finding(name, f"is missing ({what}){instead}", good=False, mend=_others(headers))
    length, values = len(headers[field.header]), found(field, headers)
    if not values:
        prefixes = " or ".join(repr(prefix) for prefix in field.prefixes)
        split = f", split at {field.separator!r}," if field.separator else ""
        return Finding(
            name,
            f"is there ({length} characters), but no part of it{split} begins with {prefixes} ({what})",
            good=False,
            mend="Another sender, another version of its signature, or another prefix than the table says.",
        )
    if what != "signature" and len(values) > 1:
        return Finding(name, f"has {len(values)} values where one is meant ({what})", good=False)
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


def _others(headers: Mapping[str, str]) -> str | None:
    """Whose headers these are."""
    names = [name for name, preset in PRESETS.items() if _needs(preset.scheme) <= headers.keys()]
    return f"These look like the headers of: {', '.join(names)}." if names else None


def _needs(scheme: Signed | Bearer | Shared) -> set[str]:
    fields = (
        (scheme.id, scheme.timestamp, scheme.signature) if isinstance(scheme, Signed) else (scheme.field,)
    )
    return {field.header for field in fields if field} or {"-"}
