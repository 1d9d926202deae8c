"""A body of application/x-www-form-urlencoded (https://url.spec.whatwg.org/#application/x-www-form-urlencoded).

Fields are separated by `&` alone: a semicolon is text. Empty fields are skipped, a name without `=` is an empty text.
"""

import re

from cancellations.domain import Delivery, Json
from cancellations.errors import Malformed, UnsupportedBody
from cancellations.source.bodies import media_types, percent

MEDIA_TYPE = "application/x-www-form-urlencoded"
MAX_FIELDS = 1_000

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_OTHER_BODIES = ("{", '["', "[{", "<")
"""Beginnings of JSON and XML. No encoder of forms leaves these signs as they are."""


def read(delivery: Delivery) -> Json:
    """Return {name: text}, with a list of texts in the place of a field that comes more than once.

    Malformed beyond broken escapes and bytes that are not UTF-8: names that cannot be printed, control characters
    that are not escaped (but for line breaks at the end), more than MAX_FIELDS, JSON or XML under this name.
    """
    media_type = media_types.announced(delivery)
    if media_type is None or media_type.name != MEDIA_TYPE:
        raise UnsupportedBody(f"the body must be {MEDIA_TYPE}")
    fields: dict[str, list[Json]] = {}
    for written in _written(delivery.body):
        name, _, value = (percent.decoded(part.replace("+", " ")) for part in written.partition("="))
        if not name.isprintable():
            raise Malformed("a field has a name that cannot be printed")
        if not (media_type.in_utf8 or (name + value).isascii()):  # an escape hides which bytes are meant
            raise UnsupportedBody(
                "the charset is not UTF-8, and a field is not ASCII alone; send it in UTF-8"
            )
        fields.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


def _written(raw: bytes) -> list[str]:
    try:
        text = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as e:
        raise Malformed("the body is not UTF-8") from e
    if _CONTROL.search(text):
        raise Malformed("the body has a control character that is not escaped")
    if text.lstrip().startswith(_OTHER_BODIES):
        raise Malformed(f"the body is JSON or XML and not {MEDIA_TYPE}")
    fields = [field for field in text.split("&") if field]
    if len(fields) > MAX_FIELDS:
        raise Malformed(f"the body has more than {MAX_FIELDS} fields")
    return fields
