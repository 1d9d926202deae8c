"""What deliveries look like: the roots that an expression can begin with, and the fields that each kind of body has."""

from dataclasses import replace

from cancellations.source.expressions.shapes import ANYTHING, Doubt, Shape, of
from cancellations.source.expressions.syntax import as_field, as_text

_TEXT = of("string")
_OPTIONAL_TEXT = of("string", "null")


def _fault_of_header(name: str) -> Doubt | None:
    if name != name.lower():
        return "header names are in lower case here", f"write headers.{as_field(name.lower())}"
    if not name.isascii() or not name or any(c.isspace() or c in '"(),/:;<=>?@[\\]{}' for c in name):
        return (
            f"{name[:64]!r} cannot be the name of a header",
            'write the header\'s name, such as headers."x-id"',
        )
    return None


HEADERS = Shape(frozenset({"object"}), rest=_OPTIONAL_TEXT, name="headers", fault_of_name=_fault_of_header)

_SALESFORCE_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHORT_ID, _PART = 15, 5


def _fault_of_salesforce_id(other: object) -> Doubt | None:
    """Salesforce sends ids of 18 characters; its pages often show 15, to which a checksum of case is added."""
    if not isinstance(other, str) or len(other) != _SHORT_ID or not (other.isascii() and other.isalnum()):
        return None
    parts = (other[place : place + _PART] for place in range(0, _SHORT_ID, _PART))
    suffix = "".join(
        _SALESFORCE_ALPHABET[sum(1 << place for place, sign in enumerate(part) if sign.isupper())]
        for part in parts
    )
    return (
        f"{as_text(other)} has 15 characters, and Salesforce sends ids of 18, so it never matches",
        f"write {as_text(other + suffix)}, the same id with its checksum, or starts_with(…, {as_text(other)})",
    )


_SALESFORCE_ID = Shape(
    frozenset({"string"}), name="an id of Salesforce's", fault_of_equal=_fault_of_salesforce_id
)
_NOTIFICATION = Shape(
    frozenset({"object"}),
    {
        "id": _SALESFORCE_ID,
        "type": _OPTIONAL_TEXT,
        "fields": Shape(
            frozenset({"object"}),
            rest=Shape(frozenset({"string", "object", "null"}), fault_of_equal=_fault_of_salesforce_id),
            name="fields of the record",
        ),
    },
    name="a notification",
)
OUTBOUND_MESSAGE = Shape(
    frozenset({"object"}),
    {
        "organization_id": _SALESFORCE_ID,
        "action_id": _SALESFORCE_ID,
        "notifications": Shape(frozenset({"list"}), element=_NOTIFICATION),
    },
    name="an outbound message",
)


def _fault_of_attribute(name: str) -> Doubt | None:
    if name.isascii() and name.isalnum() and name == name.lower():
        return None
    return (
        f"{name[:64]!r} cannot be an attribute of a CloudEvent, whose names are lower-case letters and digits",
        "write the attribute's name, or item.data for the payload",
    )


_EVENT = {
    "data": ANYTHING,
    "specversion": _TEXT,
    "id": _TEXT,
    "source": _TEXT,
    "type": _TEXT,
    "data_base64": _OPTIONAL_TEXT,
}
_ATTRIBUTE = of("string", "number", "boolean", "null")
CLOUD_EVENT = Shape(
    frozenset({"object"}), _EVENT, _ATTRIBUTE, name="a CloudEvent", fault_of_name=_fault_of_attribute
)
CLOUD_EVENTS = Shape(
    frozenset({"object", "list"}),
    _EVENT,
    _ATTRIBUTE,
    CLOUD_EVENT,
    name="a CloudEvent",
    fault_of_name=_fault_of_attribute,
)

FORM = Shape(
    frozenset({"object"}),
    rest=Shape(frozenset({"string", "list", "null"}), element=_TEXT, name="a field of a form"),
    name="a form",
)

OBJECT = of("object", name="an object")
OBJECT_OR_LIST = of("object", "list", name="a body")

BUS_EVENT = Shape(
    frozenset({"object"}),
    {
        "version": _OPTIONAL_TEXT,
        "id": _OPTIONAL_TEXT,
        "detail-type": _TEXT,
        "source": _TEXT,
        "account": _TEXT,
        "time": _OPTIONAL_TEXT,
        "region": _OPTIONAL_TEXT,
        "resources": Shape(frozenset({"list", "null"}), element=_TEXT),
        "detail": of("object", name="the event's detail"),
        "replay-name": _OPTIONAL_TEXT,
    },
    name="an event on the bus",
)
"""docs.aws.amazon.com/eventbridge: the structure of events."""

_WITHOUT_ITEMS: Doubt = (
    "there is no item, because the source has no `items`",
    'write items = "body" (or where the list is), or body in place of item',
)
_WITHOUT_TOKEN: Doubt = (
    "there are no claims, because the source has no token",
    'use verify = "jwt", or body',
)
_ON_THE_BUS: Doubt = ("an event on the bus has none", "read from body.detail")


def document(
    body: Shape,
    *,
    item: Shape | None = None,
    claims: bool = False,
    on_the_bus: bool = False,
    credential: str | None = None,
) -> Shape:
    """The document that a source's expressions are searched in: its roots, and those that it lacks.

    credential: the header that carries the secret or the token.
    """
    fields = {"body": body}
    absent: dict[str, Doubt] = {}
    if on_the_bus:
        absent |= {"headers": _ON_THE_BUS, "sha256": _ON_THE_BUS, "claims": _ON_THE_BUS}
    else:
        hidden = {name: _CREDENTIAL for name in ("authorization", credential) if name}
        fields |= {"headers": replace(HEADERS, absent=hidden), "sha256": _TEXT}
        if claims:
            fields["claims"] = OBJECT
        else:
            absent["claims"] = _WITHOUT_TOKEN
    if item is None:
        absent["item"] = _WITHOUT_ITEMS
    else:
        fields["item"] = item
    return Shape(frozenset({"object"}), fields, name=ROOT, absent=absent)


_CREDENTIAL: Doubt = (
    "this header carries a credential, which must not get into a request",
    "read another field",
)
ROOT = "a delivery"
