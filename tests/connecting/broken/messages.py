"""What is signed: the time, the template and the body."""

import html
import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

from cancellations.source.verification.headers import Field
from cancellations.source.verification.template import read as template
from connecting.arriving import Recorded, recorded
from connecting.broken.ways import (
    Row,
    body_as,
    configured,
    in_base64,
    mac,
    rewritten,
    signed_as,
    signing,
    with_body,
)

GITHUB, SLACK, HMAC = recorded("github"), recorded("slack"), recorded("hmac")
TITLED = GITHUB.delivery.body.replace(b"example-firm/docket", "firm <Müller> & 'co'".encode())


def titled(change: Callable[[bytes], bytes]) -> Recorded:
    """A body with umlauts and signs of HTML, signed as it is and saved in another way."""
    return with_body(GITHUB, TITLED, change(TITLED))


TIMES: dict[str, Row] = {
    "old": (
        replace(SLACK, now=SLACK.now + 4_000),
        "timestamp-old",
        "4000 s ago",
        "--at 2026-11-20T18:00:00Z",
    ),
    "in the future": (
        replace(SLACK, now=SLACK.now - 4_000),
        "timestamp-in-the-future",
        "in the future",
        "--at",
    ),
    "milliseconds": (
        signed_as(HMAC, unit="ms"),
        "timestamp-unit",
        "thirteen digits",
        'timestamp_unit = "ms"',
    ),
    "seconds": (configured(HMAC, unit="ms"), "timestamp-unit", "ten digits", 'timestamp_unit = "s"'),
    "ISO": (signed_as(HMAC, unit="iso"), "timestamp-unit", "2026-11-20T18:00:00Z", 'timestamp_unit = "iso"'),
    "no form that is known": (
        SLACK.but(
            x_slack_request_timestamp="tuesday",
            x_slack_signature="v0=" + mac(SLACK, b"v0:tuesday:" + SLACK.delivery.body).hex(),
        ),
        "timestamp-form",
        "another form",
        "ten digits",
    ),
}


TEMPLATES: dict[str, Row] = {
    name: (signing("hmac", written), "signed", repr(written), f"signed = {json.dumps(written)}")
    for name, written in {
        "body alone": "{body}",
        "no dot": "{timestamp}{body}",
        "timestamp last": "{body}{timestamp}",
        "line break": "{timestamp}\n{body}",
        "as slack": "v0:{timestamp}:{body}",
        "colon": "{timestamp}:{body}",
    }.items()
} | {
    "with a timestamp": (
        configured(HMAC, template=template("{body}")),
        "signed",
        "{timestamp}.{body}",
        "{timestamp}.{body}",
    ),
    "with an id": (
        signed_as(HMAC, template=template("{id}.{timestamp}.{body}"), id=Field("x-docket-id")),
        "signed+id-header",
        "{id}.{timestamp}.{body}",
        'id_header = "x-docket-id"',
    ),
}


BODIES: dict[str, Row] = {
    "pretty-printed": (body_as("github", rewritten(indent=2)), "body-reformatted", "compact", "raw bytes"),
    "spaces": (body_as("github", rewritten()), "body-reformatted", "compact", "raw bytes"),
    "compacted": (
        signed_as(GITHUB, body=json.dumps(json.loads(GITHUB.delivery.body), indent=2).encode()),
        "body-reformatted",
        "indented by two spaces",
        "raw bytes",
    ),
    "sorted": (
        signed_as(
            GITHUB,
            body=json.dumps(json.loads(GITHUB.delivery.body), sort_keys=True, separators=(",", ":")).encode(),
        ),
        "body-reformatted",
        "keys sorted",
        "raw bytes",
    ),
    "unicode escapes": (titled(rewritten(separators=(",", ":"))), "body-reformatted", "compact", "raw bytes"),
    "line break more": (
        body_as("slack", lambda b: b + b"\n"),
        "body-line-break-added",
        "without",
        "without one",
    ),
    "line break less": (
        signed_as(SLACK, body=SLACK.delivery.body + b"\n"),
        "body-line-break-lost",
        "lacks",
        "",
    ),
    "CR LF": (
        signed_as(GITHUB, body=rewritten(indent=2)(GITHUB.delivery.body)).but(
            body=rewritten(indent=2)(GITHUB.delivery.body).replace(b"\n", b"\r\n")
        ),
        "body-crlf",
        "CR LF",
        "raw bytes",
    ),
    "byte order mark": (
        body_as("github", lambda b: b"\xef\xbb\xbf" + b),
        "body-byte-order-mark",
        "mark",
        "UTF-8",
    ),
    "latin-1": (titled(lambda b: b.decode("latin-1").encode()), "body-charset", "latin-1", "bytes"),
    "saved in latin-1": (titled(lambda b: b.decode().encode("latin-1")), "body-charset", "latin-1", "UTF-8"),
    "UTF-16": (titled(lambda b: b.decode().encode("utf-16")), "body-charset", "utf-16", "UTF-8"),
    "HTML": (titled(lambda b: html.escape(b.decode()).encode()), "body-html", "HTML-escaped", "raw bytes"),
    "base64": (
        body_as("github", lambda b: in_base64(b.decode()).encode()),
        "body-base64",
        "base64",
        "isBase64Encoded",
    ),
    "a record": (
        body_as("github", lambda b: json.dumps({"body": b.decode(), "headers": {}}).encode()),
        "body-record",
        "record",
        "--event",
    ),
    "a form's payload": (
        body_as("github", lambda b: urlencode({"payload": b.decode()}).encode()),
        "body-form-payload",
        "payload",
        "application/json",
    ),
    "another body": (SLACK.but(body=b"a=b"), "secret-or-body", "none fits", "sha256sum"),
}
