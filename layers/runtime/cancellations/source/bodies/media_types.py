"""What a delivery says of the form of its body (RFC 9110, sections 8.3 and 8.4)."""

import re

from cancellations.domain import Delivery
from cancellations.errors import UnsupportedBody
from cancellations.values import dataclass

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_QUOTED = r'"(?:[ !#-\[\]-~]|\\[ -~])*+"'
_PARAMETER = rf";[ \t]*+(?:({_WORD})=({_WORD}|{_QUOTED}))?"
_MEDIA_TYPE = re.compile(rf"({_WORD}/{_WORD})((?:[ \t]*+{_PARAMETER})*)")
_PARAMETERS = re.compile(_PARAMETER)


@dataclass(frozen=True, slots=True)
class MediaType:
    """`name` is `type/subtype` in lower case; `in_utf8` is false only where a charset says otherwise."""

    name: str
    in_utf8: bool

    @property
    def is_json(self) -> bool:
        return self.name.endswith(("/json", "+json"))

    @property
    def is_text(self) -> bool:
        return self.name.startswith("text/")


def parsed(text: str) -> MediaType | None:
    """None where the text is no media type, such as two of them joined by a comma."""
    whole = _MEDIA_TYPE.fullmatch(text.strip(" \t"))
    if whole is None:
        return None
    charsets = [
        value.strip('"').lower() for name, value in _PARAMETERS.findall(whole[2]) if name.lower() == "charset"
    ]
    return MediaType(whole[1].lower(), all(charset == "utf-8" for charset in charsets))


def announced(delivery: Delivery) -> MediaType | None:
    """The media type of a body as it is, in UTF-8; None where the delivery names none. Raises UnsupportedBody."""
    if delivery.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedBody("the body is compressed; send it as it is")
    if "content-type" not in delivery.headers:
        return None
    media_type = parsed(delivery.headers["content-type"])
    if media_type is None:
        raise UnsupportedBody("the content-type is no media type")
    if not media_type.in_utf8:
        raise UnsupportedBody("the body must be UTF-8")
    return media_type
