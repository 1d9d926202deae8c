"""A body of application/x-www-form-urlencoded (https://url.spec.whatwg.org/#application/x-www-form-urlencoded).

Fields are separated by `&` alone: a semicolon is text.
"""

import re
from urllib.parse import parse_qsl

from cancellations.domain import Delivery, Json
from cancellations.errors import Malformed, UnsupportedBody
from cancellations.source.bodies import media_types, percent

MEDIA_TYPE = "application/x-www-form-urlencoded"
MAX_FIELDS = 1_000

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def read(delivery: Delivery) -> Json:
    """{name: text}; an empty body has no fields.

    Malformed beyond broken escapes and bytes that are not UTF-8: the same field twice, a field without `=` or a
    name, names that cannot be printed, control characters that are not escaped, more than MAX_FIELDS.
    """
    media_type = media_types.announced(delivery)
    if media_type is None or media_type.name != MEDIA_TYPE:
        raise UnsupportedBody(f"the body must be {MEDIA_TYPE}")
    if delivery.body.count(b"&") >= MAX_FIELDS:
        raise Malformed(f"the body has more than {MAX_FIELDS} fields")
    fields: dict[str, Json] = {}
    for name, value in _pairs(delivery.body):
        if not name or not name.isprintable():
            raise Malformed("a field has no name, or one that cannot be printed")
        if name in fields:
            raise Malformed("the body has the same field twice")
        fields[name] = value
    return fields


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        text = raw.decode("utf-8")
        percent.check(text)
        if _CONTROL.search(text):
            raise Malformed("the body has a control character that is not escaped")
        return parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict")
    except UnicodeDecodeError as e:
        raise Malformed("the body is not UTF-8") from e
    except ValueError as e:
        raise Malformed("the body has a field without an equals sign") from e
