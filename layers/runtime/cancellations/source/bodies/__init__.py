"""From the verified bytes of a delivery to a JSON document: one reader for each kind of body."""

from collections.abc import Callable, Mapping

from cancellations.domain import Delivery, Json
from cancellations.source.bodies import batch, cloudevents, form, plain_json, salesforce_outbound

_READERS: Mapping[str, Callable[[Delivery], Json]] = {
    "json": plain_json.read,
    "form": form.read,
    "cloudevents": cloudevents.read,
    "salesforce-outbound": salesforce_outbound.read,
}

KINDS: tuple[str, ...] = tuple(_READERS)


fault_of = batch.fault_of
is_binary = cloudevents.is_binary


def read(kind: str, delivery: Delivery) -> Json:
    """The document in a body of one of KINDS; what it looks like stands with each reader.

    Raises UnsupportedBody (media type, charset, content coding), or Malformed with a reason that names no value
    of the document. How large a body may be is the caller's to say, beforehand.
    """
    return _READERS[kind](delivery)
