"""A body of JSON, as most senders have it."""

from cancellations.domain import Delivery, Json
from cancellations.errors import Malformed, UnsupportedBody
from cancellations.source import strict_json
from cancellations.source.bodies import media_types


def read(delivery: Delivery) -> Json:
    """Return an object or a list; the caller decides whether a list is welcome.

    A delivery without a content-type is taken for JSON: many tools send none, and only JSON parses as JSON.
    """
    media_type = media_types.announced(delivery)
    if media_type and not media_type.is_json:
        raise UnsupportedBody("the body must be application/json")
    document = strict_json.loads(delivery.body)
    if not isinstance(document, dict | list):
        raise Malformed("the body is neither an object nor a list")
    return document
