"""What a delivery says of the form of its body: media type, charset, content coding (RFC 9110, sections 8.3 and 8.4).

Bodies are always read as UTF-8. A label that says something else is taken only if the bytes mean the same under it.
"""

import re

from cancellations.domain import Delivery
from cancellations.errors import UnsupportedBody
from cancellations.values import dataclass

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_QUOTED = r'"(?:[ !#-\[\]-~]|\\[ -~])*+"'
_PARAMETER = rf";[ \t]*+(?:({_WORD})(?:[ \t]*+=[ \t]*+({_WORD}|{_QUOTED})?+)?+)?+"
"""More than the grammar has: spaces around `=`, a name without a value (`; utf-8`), a value that is missing."""
_MEDIA_TYPE = re.compile(rf"({_WORD}/{_WORD})((?:[ \t]*+{_PARAMETER})*+)")
_PARAMETERS = re.compile(_PARAMETER)

_SEPARATORS = str.maketrans("", "", "-_ \"'")
_EXTENDS_ASCII = re.compile(
    r"(?:us)?ascii|ansix3\.41968|(?:iso)?8859[0-9]{1,2}|latin[0-9]{1,2}|(?:windows|cp)125[0-8]", re.ASCII
)
"""Charsets in which bytes below 0x80 are ASCII and nothing else."""

_NO_CODING = {"identity", "none", "null", "utf-8", "utf8", "7bit", "8bit", "binary", "application/json"}
"""Labels that senders write into content-encoding and that change no byte."""
_COMPRESSIONS = {"br", "bzip2", "compress", "deflate", "gzip", "x-compress", "x-gzip", "xz", "zstd"}


@dataclass(frozen=True, slots=True)
class MediaType:
    """`name` is `type/subtype` in lower case; `charsets` are all that it names, without case and separators."""

    name: str
    charsets: tuple[str, ...] = ()

    @property
    def is_json(self) -> bool:
        return self.name.endswith(("/json", "+json"))

    @property
    def is_text(self) -> bool:
        return self.name.startswith("text/")

    @property
    def in_utf8(self) -> bool:
        """Whether no charset is named, or UTF-8 alone."""
        return all(charset == "utf8" for charset in self.charsets)

    def reads_as_utf8(self, raw: bytes) -> bool:
        """Whether these bytes are the same text in UTF-8 and in every charset that is named."""
        return all(same_as_utf8(charset, raw) for charset in self.charsets)


def parsed(text: str) -> MediaType | None:
    """Return None if the text is not a media type. A header that came twice is joined by a comma: both must agree."""
    if whole := _one(text):
        return whole
    each = [_one(part) for part in text.split(",")]
    found = [one for one in each if one]
    if len(found) != len(each) or len({one.name for one in found}) != 1:
        return None
    return MediaType(found[0].name, tuple(charset for one in found for charset in one.charsets))


def _one(text: str) -> MediaType | None:
    whole = _MEDIA_TYPE.fullmatch(text.strip(" \t"))
    if whole is None:
        return None
    charsets = [
        _plain(value) for name, value in _PARAMETERS.findall(whole[2]) if name.lower() == "charset" and value
    ]
    return MediaType(whole[1].lower(), tuple(charsets))


def announced(delivery: Delivery) -> MediaType | None:
    """Return the media type of a body that can be read as UTF-8, None if the delivery names none.

    Raises UnsupportedBody, and repeats none of the sender's labels.
    """
    _check_codings(delivery)
    if "content-type" not in delivery.headers:
        return None
    media_type = parsed(delivery.headers["content-type"])
    if media_type is None:
        raise UnsupportedBody("the content-type is not a media type")
    if not media_type.reads_as_utf8(delivery.body):
        raise UnsupportedBody("the charset is not UTF-8, and the body is not ASCII alone; send it in UTF-8")
    return media_type


def same_as_utf8(charset: str, raw: bytes) -> bool:
    """Whether these bytes are the same text in UTF-8 and in the charset of this name."""
    plain = _plain(charset)
    return plain == "utf8" or (raw.isascii() and _EXTENDS_ASCII.fullmatch(plain) is not None)


def _plain(charset: str) -> str:
    return charset.translate(_SEPARATORS).lower()


def _check_codings(delivery: Delivery) -> None:
    for part in delivery.headers.get("content-encoding", "").split(","):
        label = part.strip(" \t\"'").lower()
        if not label or label in _NO_CODING or same_as_utf8(label, delivery.body):
            continue
        if label in _COMPRESSIONS:
            raise UnsupportedBody("the body is compressed; send it uncompressed, without content-encoding")
        raise UnsupportedBody("the content-encoding is unknown; send the body as it is, without that header")
