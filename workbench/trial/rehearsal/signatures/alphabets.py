"""How signatures are written: read leniently here, to say which alphabet the sender uses."""

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote

DIGEST_SIZES = {16: "md5", 20: "sha1", 28: "sha224", 32: "sha256", 48: "sha384", 64: "sha512"}
"""Algorithms by the number of bytes that they yield."""

_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}", re.ASCII)


def readings(token: str) -> Iterator[tuple[bytes, str]]:
    """Every digest that a text may be, with the name of its alphabet."""
    for raw, alphabet in plain(token):
        if len(raw) in DIGEST_SIZES:
            yield raw, alphabet
        if alphabet.startswith("base64") and (digits := _hex_in(raw)) and len(digits) in DIGEST_SIZES:
            yield digits, "base64 of hexadecimal digits"
    if "%" in token and (decoded := unquote(token)) != token:
        yield from ((raw, f"percent-encoded {alphabet}") for raw, alphabet in readings(decoded))


def plain(token: str) -> Iterator[tuple[bytes, str]]:
    if _HEX.fullmatch(token):
        yield bytes.fromhex(token), _name_of_hex(token)
    if _BASE64.fullmatch(token):
        standard = token.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            raw = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
        except (binascii.Error, ValueError):
            return
        yield raw, _name_of_base64(token)


def _name_of_hex(token: str) -> str:
    if token == token.lower():
        return "hex"
    return "hex-upper" if token == token.upper() else "hex in mixed case"


def _name_of_base64(token: str) -> str:
    if "+" in token or "/" in token:
        return "base64" if len(token) % 4 == 0 else "base64 without padding"
    if "-" in token or "_" in token or len(token) % 4:
        return "base64url"
    return "base64"


def _hex_in(raw: bytes) -> bytes | None:
    try:
        text = raw.decode("ascii").strip()
    except UnicodeDecodeError:
        return None
    return bytes.fromhex(text) if _HEX.fullmatch(text) else None
