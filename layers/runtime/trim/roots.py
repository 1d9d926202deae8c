"""`python roots.py BUNDLE FOLDER`: one file for each root, by the name under which OpenSSL looks for it.

A bundle is read whole before the first connection, 140 roots for the one that is needed. A folder is read root by root.
The names are those of `openssl rehash`: SHA-1 of the subject in canonical form, its first four bytes, a number.
"""

import base64
import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----\n(.*?)-----END CERTIFICATE-----\n", re.DOTALL)

LONG = 0x80
"""The bit of a length that says how many bytes it has."""
SEQUENCE, SET, UTF8 = 0x30, 0x31, 0x0C
EXPLICIT_VERSION = 0xA0
TEXTS = {
    0x0C: "utf-8",
    0x13: "ascii",  # PrintableString
    0x14: "latin-1",  # T61String, which OpenSSL reads so
    0x16: "ascii",  # IA5String
    0x1A: "ascii",  # VisibleString
    0x1C: "utf-32-be",  # UniversalString
    0x1E: "utf-16-be",  # BMPString
}


def files(bundle: str) -> Iterator[tuple[str, str]]:
    """Names and contents."""
    taken: dict[str, int] = {}
    for found in _PEM.finditer(bundle):
        name = name_of(base64.b64decode(found[1]))
        number = taken[name] = taken.get(name, -1) + 1
        yield f"{name}.{number}", found[0]


def name_of(certificate: bytes) -> str:
    """Eight hexadecimal digits; `certificate` is DER."""
    digest = hashlib.sha1(_canonical(_subject(certificate)), usedforsecurity=False).digest()
    return digest[3::-1].hex()


# ── DER ───────────────────────────────────────────────────────────────────────────────────────────


def _parts(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content, one after the other."""
    place = 0
    while place < len(der):
        tag, length, place = der[place], der[place + 1], place + 2
        if length & LONG:
            size = length & ~LONG
            length, place = int.from_bytes(der[place : place + size]), place + size
        yield tag, der[place : place + length]
        place += length


def _encoded(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < LONG:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, LONG | size]) + length.to_bytes(size) + content


def _subject(certificate: bytes) -> bytes:
    """The content of a certificate's subject: behind version, serial number, algorithm, issuer and validity."""
    ((_, whole),) = _parts(certificate)
    _, signed = next(_parts(whole))
    fields = [content for tag, content in _parts(signed) if tag != EXPLICIT_VERSION]
    return fields[4]


def _canonical(subject: bytes) -> bytes:
    """Texts in UTF-8, lower case, with single spaces and none around; sets in the order of their encodings."""
    return b"".join(
        _encoded(SET, b"".join(sorted(_attribute(attribute) for _, attribute in _parts(names))))
        for _, names in _parts(subject)
    )


def _attribute(attribute: bytes) -> bytes:
    (kind, name), (tag, value) = _parts(attribute)
    if tag in TEXTS:
        text = value.decode(TEXTS[tag])
        plain = re.sub(r"[ \t\n\v\f\r]+", " ", text).strip(" ")
        lower = "".join(c.lower() if c.isascii() else c for c in plain)
        tag, value = UTF8, lower.encode()
    return _encoded(SEQUENCE, _encoded(kind, name) + _encoded(tag, value))


def main() -> None:
    bundle, folder = map(Path, sys.argv[1:])
    folder.mkdir()
    for name, content in files(bundle.read_text(encoding="utf-8")):
        (folder / name).write_text(content, encoding="ascii")


if __name__ == "__main__":
    main()
