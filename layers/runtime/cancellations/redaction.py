"""What another party said, before it is kept: words that repeat one of our secrets are left out, all of them.

An echo may have any encoding: a peer that answers with the request it got writes it as HTML, JSON, a URL or a dump. So
nothing is cut out and patched: the words are undone of their escapes, and one piece of a secret is enough to drop them.
"""

import base64
import html
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

PIECE = 8
"""So many characters of a secret, or of an encoding of it, are not kept. Where separators stand between them, letters
and digits count."""

LEFT_OUT = "[left out: it repeats the key or the token]"

ROUNDS = 3
"""How many layers of escapes are undone: `%2541` has two."""

_ESCAPE = re.compile(r"(?:\\{1,8}|%)u([0-9A-Fa-f]{4})|\\{1,8}x([0-9A-Fa-f]{2})", re.ASCII)


def kept(words: str, secrets: Iterable[str]) -> str:
    """The words as they are, or LEFT_OUT. Time grows linearly with both."""
    readings = set(_readings(words))
    found = {*_pieces(map(_solid, readings)), *_pieces(map(_letters, readings))}
    repeats = any(
        piece in found for secret in secrets for form in _forms(secret) for piece in _pieces([form])
    )
    return LEFT_OUT if repeats else words


def _readings(words: str) -> Iterator[str]:
    """The words, and what is left of them when escapes are undone; each in both directions."""
    text = words
    for _ in range(ROUNDS + 1):
        for reading in (text, text.replace("0x", "").replace("0X", "")):
            yield reading
            yield reading[::-1]
        text = _ESCAPE.sub(_character, unquote(html.unescape(text)))


def _forms(secret: str) -> Iterator[str]:
    """The secret in the encodings that are read as a whole, without what separators and line ends could be."""
    raw = secret.encode("utf-8", "surrogatepass")
    yield _solid(secret)
    yield _letters(secret)
    yield raw.hex()
    for skipped in range(3):  # at each alignment of its bytes; both alphabets differ in signs only
        yield _letters(base64.b64encode(raw[skipped:]).decode())


def _pieces(texts: Iterable[str]) -> Iterator[str]:
    return (text[at : at + PIECE] for text in texts for at in range(len(text) - PIECE + 1))


def _solid(text: str) -> str:
    return "".join(text.split()).casefold()


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _character(escape: re.Match[str]) -> str:
    return chr(int(escape[1] or escape[2], 16))
