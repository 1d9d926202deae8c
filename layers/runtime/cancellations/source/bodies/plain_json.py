"""A body of JSON, as most senders have it."""

from cancellations.domain import Delivery, Json
from cancellations.errors import Malformed, UnsupportedBody
from cancellations.source import strict_json
from cancellations.source.bodies import media_types


def read(delivery: Delivery) -> Json:
    """An object or a list; whether a list is welcome is the caller's to say. Without a content-type it is JSON."""
    media_type = media_types.announced(delivery)
    if media_type and media_type.name != "application/json" and not media_type.name.endswith("+json"):
        raise UnsupportedBody("the body must be application/json")
    document = strict_json.loads(delivery.body)
    if not isinstance(document, dict | list):
        raise Malformed("the body is neither an object nor a list")
    return document
