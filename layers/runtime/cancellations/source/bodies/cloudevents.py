"""CloudEvents 1.0 over HTTP: structured, batched and binary (https://github.com/cloudevents/spec).

All modes give the same event: its attributes, and `data` where the event has some. An attribute that is null is as
good as missing. In binary mode the attributes come from headers, which a signature over the body does not cover.
"""

import base64
import re
from collections.abc import Mapping
from contextlib import suppress

from cancellations.domain import Delivery, Json
from cancellations.errors import Malformed, UnsupportedBody
from cancellations.source import strict_json
from cancellations.source.bodies import batch, event_headers, media_types
from cancellations.source.bodies.media_types import MediaType

ANY_FORMAT = "application/cloudevents"
STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"

_NAME = re.compile(r"[a-z0-9]+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_JSON = MediaType("application/json")


def read(delivery: Delivery) -> Json:
    """One event as an object, or a batch (maybe empty) as a list.

    In a batch only the list itself can be malformed; a bad event spoils itself (`batch`).

    `data_base64` becomes `data` where it is JSON (or has no datacontenttype) or text, and else stays. In binary
    mode a body of any other kind is an UnsupportedBody.
    """
    media_type = media_types.announced(delivery)
    name = media_type.name if media_type else ""
    if name == BATCHED:
        return _batch(strict_json.loads(delivery.body))
    if name == STRUCTURED:
        return _event(strict_json.loads(delivery.body))
    if name.startswith(ANY_FORMAT):
        raise UnsupportedBody("of the formats of CloudEvents only JSON is read")
    return _binary(delivery, media_type)


def is_binary(delivery: Delivery) -> bool:
    """Whether the event's attributes are headers."""
    media_type = media_types.announced(delivery)
    return media_type is None or not media_type.name.startswith(ANY_FORMAT)


def _batch(elements: Json) -> Json:
    if not isinstance(elements, list):
        raise Malformed("the batch is not a list")
    return batch.each(_event, elements)


def _event(element: Json) -> Json:
    if not isinstance(element, dict):
        raise Malformed("the event is not an object")
    attributes = {name: part for name, part in element.items() if name not in ("data", "data_base64")}
    _check(attributes)
    encoded = element.get("data_base64")
    if encoded is None:  # the JSON format's schema allows null
        return attributes | ({"data": element["data"]} if "data" in element else {})
    if "data" in element:
        raise Malformed("the event has both data and data_base64")
    raw = _decoded(encoded)
    try:
        return attributes | {"data": _data(raw, _content_of(attributes) or _JSON)}
    except UnsupportedBody:
        return attributes | {"data_base64": encoded}


def _binary(delivery: Delivery, media_type: MediaType | None) -> Json:
    event = event_headers.attributes(delivery.headers)
    _check(event)
    if media_type:
        event["datacontenttype"] = delivery.headers["content-type"]
    if delivery.body:
        event["data"] = _data(delivery.body, media_type)
    return event


def _check(attributes: Mapping[str, Json]) -> None:
    for name, value in attributes.items():
        if not _NAME.fullmatch(name):
            raise Malformed("an attribute's name is not of lower-case letters and digits alone")
        if not isinstance(value, str | int | None):  # a boolean is an int
            raise Malformed("an attribute is neither text, a whole number nor a boolean")
        if isinstance(value, str) and _CONTROL.search(value):
            raise Malformed("an attribute has a control character")
    for name in event_headers.REQUIRED:
        if not isinstance(attributes.get(name), str) or not attributes[name]:
            raise Malformed(f"the event's {name} is missing, empty or not text")
    if attributes["specversion"] != "1.0":
        raise Malformed('the event\'s specversion is not "1.0"')
    _content_of(attributes)


def _content_of(attributes: Mapping[str, Json]) -> MediaType | None:
    text = attributes.get("datacontenttype")
    if text is None:
        return None
    media_type = media_types.parsed(text) if isinstance(text, str) else None
    if media_type is None:
        raise Malformed("the event's datacontenttype is no media type")
    return media_type


def _decoded(encoded: Json) -> bytes:
    if isinstance(encoded, str):
        with suppress(ValueError):  # wrongly padded, or not ASCII
            raw = base64.b64decode(encoded)
            if base64.b64encode(raw).decode() == encoded:  # else it has signs or bits that the decoder drops
                return raw
    raise Malformed("the event's data_base64 is not base64")


def _data(raw: bytes, media_type: MediaType | None) -> Json:
    if media_type and media_type.is_json and media_type.reads_as_utf8(raw):
        return strict_json.loads(raw)
    if media_type and media_type.is_text and media_type.reads_as_utf8(raw):
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as e:
            raise Malformed("the event's data is not UTF-8") from e
    raise UnsupportedBody("the event's data must be JSON or text")
