"""What stands in a configuration, and in headers, under fuzzing: addresses, expressions, lists and preferences."""

from contextlib import suppress
from urllib.parse import urlsplit

from cancellations import urls
from cancellations.adapters import http_events
from cancellations.adapters.prevail import retry_after
from cancellations.errors import Malformed, SignatureRefused
from cancellations.source import strict_json
from cancellations.source.bodies import media_types
from cancellations.source.expressions import DoesNotFit, Impossible, absence, compiled, documents
from cancellations.source.expressions.comparing import PLAIN, REFUSING, UNDERSTANDING
from cancellations.source.expressions.shapes import ANYTHING, kind_of
from cancellations.source.verification.headers import Field
from fuzz import parts_of

_NOW = 1_800_000_000.0


def addresses(data: bytes) -> None:
    """An address. What is accepted, another reader of addresses reads in the same way."""
    url = data.decode("utf-8", "surrogateescape")
    for fault in (
        urls.fault_of_origin(url),
        urls.fault_of_address(url),
        urls.fault_of_public_url(url),
        urls.fault_of_callback(url, under_test=False),
        urls.fault_of_callback(url, under_test=True),
    ):
        if fault is not None:
            _check_said(*fault)
    if urls.fault_of_address(url) is None:
        read, (host, target) = urlsplit(url), urls.host_and_target(url)
        assert (read.scheme, read.hostname, read.port or 443) == ("https", host, 443)
        assert (read.username, read.password, read.fragment) == (None, None, "")
        assert target == (read.path or "/") + (f"?{read.query}" if "?" in url else "")


_FIELDS = (
    Field("x"),
    Field("x", ("v1=", "t="), ","),
    Field("x", ("v1,",), " "),
    Field("authorization", ("Bearer ",)),
)


def headers(data: bytes) -> None:
    """The value of a header, wherever one is read."""
    value = data.decode("utf-8", "replace")
    event = {"headers": {"Prefer": value, "X": value}, "routeKey": value, "pathParameters": {"source": value}}
    wait = http_events.wait_of(event)
    assert wait is None or wait > 0
    http_events.seen_in(event, "1")
    media_type = media_types.parsed(value)
    assert media_type is None or media_type.name == media_type.name.lower()
    seconds = retry_after(value, _NOW)
    assert seconds is None or seconds >= 0
    for field in _FIELDS:
        with suppress(SignatureRefused):
            assert all(one in value for one in field.values({"x": value, "authorization": value}))


def _check_said(*said: str) -> None:
    """A fault is one line for a person, whatever the input holds."""
    assert all(part and "\n" not in part for part in said)


_SHAPES = (
    ANYTHING,
    documents.document(documents.OBJECT),
    documents.document(documents.OBJECT_OR_LIST, item=ANYTHING, claims=True),
    documents.document(documents.FORM),
    documents.document(documents.OUTBOUND_MESSAGE, item=ANYTHING),
    documents.document(documents.CLOUD_EVENTS, item=documents.CLOUD_EVENT),
    documents.document(documents.BUS_EVENT, on_the_bus=True),
)


def expressions(data: bytes) -> None:
    """A shape, an expression, and a body of JSON. What is found is of a kind that the analysis has foreseen."""
    if not data:
        return
    written, raw = parts_of(data[1:], 2)
    text = written.decode("utf-8", "replace")
    for decides, comparing in ((False, PLAIN), (True, REFUSING), (True, UNDERSTANDING)):
        try:
            expression = compiled(
                text, (), _SHAPES[data[0] % len(_SHAPES)], decides=decides, comparing=comparing
            )
        except Impossible as fault:
            _check_said(str(fault), fault.fix)
            continue
        for document in absence.documents([expression.tree], {"body": {}, "headers": {}}):
            with suppress(DoesNotFit):
                expression.search(document)
    with suppress(Impossible, DoesNotFit, Malformed):
        expression = compiled(text, (), _SHAPES[1])
        body = strict_json.loads(raw)
        if isinstance(body, dict):
            document = {"body": body, "headers": {"x-id": "1"}, "sha256": "00"}
            assert kind_of(expression.search(document)) in expression.yields.kinds
