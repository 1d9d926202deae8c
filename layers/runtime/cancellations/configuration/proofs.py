"""How the table of a source says that it proves itself: its preset, or the parts of one, and where the keys are."""

import re
from dataclasses import replace
from typing import cast

from cancellations.configuration.files import FileFault
from cancellations.configuration.keys import SECRET, Keys
from cancellations.source.presets import Preset
from cancellations.source.proof import KeySetFile, KeySetUrl, Proof, Secret
from cancellations.source.verification import bearer, clocks, key_sets
from cancellations.source.verification import keys as key_forms
from cancellations.source.verification.bearer import Algorithm, Bearer
from cancellations.source.verification.clocks import Unit
from cancellations.source.verification.headers import Field
from cancellations.source.verification.keys import Digest, Encoding, KeyForm
from cancellations.source.verification.shared import Shared
from cancellations.source.verification.signed import MAX_TOLERANCE_S, TOLERANCE_S, Signed
from cancellations.source.verification.template import Template, read
from cancellations.urls import fault_of_address, fault_of_public_url

_HEADER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_PREFIX = re.compile(r"[\x21-\x7e ]{0,32}", re.ASCII)
_SEPARATOR = re.compile(r"[ ,;]", re.ASCII)


def proof_in(keys: Keys, verify: str, preset: Preset) -> Proof:
    match preset.scheme:
        case Bearer():
            return _bearer(keys, preset.scheme)
        case Shared(basic=False) if verify == "api-key":
            scheme = replace(preset.scheme, field=Field(_header(keys, "header", preset.scheme.field.header)))
            return Proof(scheme, _secret(keys))
        case Signed() as signed if verify == "hmac":
            return Proof(_signed(keys, signed), _secret(keys))
        case Signed() as signed if preset.signs_url:
            return Proof(replace(signed, url=_url(keys)), _secret(keys))
        case scheme:
            return Proof(scheme, _secret(keys))


def _secret(keys: Keys) -> Secret:
    return Secret(keys.matching("secret", SECRET, "the secret's name"))


def _url(keys: Keys) -> str:
    url = keys.text("public_url", "the address that the sender posts to; it is part of what is signed")
    if url and (fault := fault_of_public_url(url)):
        keys.fault("public_url", *fault)
    return url


def _signed(keys: Keys, default: Signed) -> Signed:
    """The free parts of a scheme, each with a default; together they describe most senders there are."""
    parts = keys.table("hmac", "what is signed and where the signature is")
    template = _template(parts)
    header = _header(parts, "header", default.signature.header)
    separator = parts.matching("separator", _SEPARATOR, "one of: space , ;") if "separator" in parts else None
    prefix = (
        parts.matching("prefix", _PREFIX, "what stands before the signature") if "prefix" in parts else ""
    )
    scheme = Signed(
        template,
        Field(header, (prefix,), separator),
        encoding=cast("Encoding", parts.one_of("encoding", key_forms.ENCODINGS, default="hex") or "hex"),
        key=cast("KeyForm", parts.one_of("key", key_forms.FORMS, default="text") or "text"),
        digest=cast("Digest", parts.one_of("digest", key_forms.DIGESTS, default="sha256") or "sha256"),
        id=Field(_header(parts, "id_header")) if "id" in template else None,
        timestamp=_timestamp(parts, header, separator) if "timestamp" in template else None,
        unit=cast("Unit", parts.one_of("timestamp_unit", clocks.UNITS, default="s") or "s"),
        tolerance_s=parts.whole_number("tolerance_s", 1, MAX_TOLERANCE_S, TOLERANCE_S),
        url=_url(keys) if "url" in template else "",
    )
    parts.no_others()
    return scheme


def _template(parts: Keys) -> Template:
    written = parts.text("signed", "what is signed, such as {timestamp}.{body}", default="{body}")
    try:
        return read(written or "{body}")
    except ValueError as fault:
        parts.fault("signed", str(fault), "write what is signed, such as {timestamp}.{body}")
        return read("{body}")


def _timestamp(parts: Keys, header: str, separator: str | None) -> Field:
    """In a header of its own, or beside the signature behind a prefix of its own."""
    if "timestamp_prefix" in parts:
        prefix = parts.matching("timestamp_prefix", _PREFIX, "what stands before the timestamp")
        return Field(header, (prefix,), separator)
    return Field(_header(parts, "timestamp_header"))


def _header(keys: Keys, key: str, default: str | None = None) -> str:
    name = keys.text(key, "the name of a header", default)
    if name and not _HEADER.fullmatch(name):
        keys.fault(key, "is no header's name in lower case", 'write it as in "x-signature"')
    return name


def _bearer(keys: Keys, default: Bearer) -> Proof:
    parts = keys.optional_table("jwt") or Keys({}, keys.file, "")
    algorithm = cast("Algorithm", parts.one_of("algorithm", bearer.ALGORITHMS, default="HS256") or "HS256")
    field = default.field
    if field is not None and "header" in parts:
        field = replace(field, header=_header(parts, "header"))
    scheme = Bearer(
        algorithm,
        field,
        issuer=parts.text("issuer", "the token's iss") if "issuer" in parts else None,
        audience=parts.text("audience", "the token's aud") if "audience" in parts else None,
    )
    where = _secret(keys) if algorithm == "HS256" else _key_set(parts, scheme)
    parts.no_others()
    return Proof(scheme, where)


def _key_set(parts: Keys, scheme: Bearer) -> KeySetFile | KeySetUrl:
    if "jwks_url" in parts:
        url = parts.text("jwks_url", "the address of the public keys")
        if url and (fault := fault_of_address(url)):
            parts.fault("jwks_url", *fault)
        return KeySetUrl(url)
    name = parts.text("jwks", "a file of public keys (JSON Web Key Set) beside this one; or write jwks_url")
    if not name:
        return KeySetFile("")
    try:
        document = parts.file.beside(name)
    except FileFault as fault:
        parts.fault("jwks", str(fault), fault.fix)
        return KeySetFile("")
    try:
        if document is not None:
            scheme.keys_of(document)
    except key_sets.AlgorithmMissing:
        pass  # functions that verify nothing read this file too; Receive finds out
    except ValueError as fault:
        parts.fault("jwks", str(fault), "put a JSON Web Key Set beside this file")
    return KeySetFile(document or "")
