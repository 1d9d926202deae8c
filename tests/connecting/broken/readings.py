"""What is asked: filters, fields and the form of the body."""

from connecting.arriving import recorded
from connecting.broken.ways import Row, asking, saying, with_body

FORM = "application/x-www-form-urlencoded"
BASIC, HMAC = recorded("basic"), recorded("hmac")
SOAP = recorded("salesforce-outbound").delivery.body


READING: dict[str, Row] = {
    "text for a boolean": (
        asking(saying("basic", status="true"), canceled="body.status == `true`"),
        "another-kind",
        "a string, compared with a boolean",
        "'true'",
    ),
    "boolean for a text": (
        asking(saying("basic", status=True), canceled="body.status == 'true'"),
        "another-kind",
        "a boolean, compared with a string",
        "`true`",
    ),
    "another case": (
        saying("basic", status="Canceled"),
        "another-case",
        "upper and lower case",
        "'Canceled'",
    ),
    "another spelling": (saying("basic", status="cancelled"), "another-spelling", "spelled", "'cancelled'"),
    "white space": (saying("basic", status="canceled "), "white-space", "white space", "'canceled '"),
    "15 characters": (
        asking(saying("basic", status="00DEXAMPLEFIRM0AAA"), canceled="body.status == '00DEXAMPLEFIRM0'"),
        "salesforce-id",
        "18 characters",
        "starts_with(body.status, '00DEXAMPLEFIRM0')",
    ),
    "field elsewhere": (
        asking("basic", canceled="body.data.status == 'canceled'"),
        "field-elsewhere",
        "body.data.status is missing",
        "body.status",
    ),
    "session elsewhere": (
        asking("basic", remote_session_id="body.data.session"),
        "remote-session-id-elsewhere",
        "missing",
        "body.session",
    ),
    "session missing": (
        asking("basic", remote_session_id="body.zzzz"),
        "remote-session-id-missing",
        "missing",
        "",
    ),
    "session number": (saying("basic", session=7), "remote-session-id-number", "a number", "to_string"),
    "session with spaces": (
        saying("basic", session="a b"),
        "remote-session-id-spaces",
        "characters",
        "space",
    ),
    "session with a line break": (
        saying("basic", session="a\n"),
        "remote-session-id-spaces",
        "characters",
        "white space",
    ),
    "event number": (
        asking(saying("basic"), event_id="body.id"),
        "event-id-number",
        "a number",
        "to_string",
    ),
    "a flag that is compared": (
        asking(saying("basic", status="perhaps"), canceled="flag(body.status) == `true`"),
        "expression-fails",
        "The filter canceled cannot be read",
        "default",
    ),
    "silent in no known spelling": (
        saying("api-key", silent="maybe"),
        "expression-fails",
        "cancel_without_email",
        "",
    ),
    "a list": (BASIC.but(body=b'[{"id": 1}]'), "body-list", "a list of 1", 'items = "body"'),
    "no items": (asking("basic", items="body.events"), "items", "not a list", "[basic]"),
    "a number": (BASIC.but(body=b"7"), "body", "neither an object nor a list", ""),
    "a form": (
        BASIC.but(body=b"status=canceled&id=1", content_type=FORM),
        "body-form",
        "a form",
        'body = "form"',
    ),
    "a form's payload": (
        BASIC.but(body=b"payload=%7B%7D", content_type=FORM),
        "body-form",
        "payload",
        "application/json",
    ),
    "JSON for a form": (
        recorded("api-key-form").but(body=b'{"id": 1}', content_type="application/json"),
        "body-json",
        "JSON",
        'body = "json"',
    ),
    "content-type": (BASIC.but(content_type="text/plain"), "content-type", "text/plain", "application/json"),
    "charset": (
        BASIC.but(content_type="application/json; charset=utf-16"),
        "content-type",
        "utf-16",
        "application/json",
    ),
    "SOAP": (
        BASIC.but(body=SOAP, content_type="text/xml"),
        "body-soap",
        "XML",
        'body = "salesforce-outbound"',
    ),
    "a quote": (
        BASIC.but(body=b'{"reason":"Depo of "Bob" is off"}'),
        "body-json-quote",
        "is not escaped",
        "json",
    ),
    "byte order mark": (
        BASIC.but(body=b"\xef\xbb\xbf" + BASIC.delivery.body),
        "body-byte-order-mark",
        "mark",
        "UTF-8",
    ),
    "compressed": (
        BASIC.but(content_encoding="gzip", body=b"\x1f\x8b\x08\x00"),
        "body-compressed",
        "compressed",
        "as it is",
    ),
    "empty": (BASIC.but(body=b""), "body-empty", "empty", "Check"),
    "organization": (
        with_body(HMAC, HMAC.delivery.body.replace(b'"east"', b'"north"')),
        "organization-unknown",
        "not allowed",
        "east, west",
    ),
}
