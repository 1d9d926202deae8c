"""Signatures: their address, how they are written, where they are, and the secrets they are made with."""

import json
from dataclasses import replace

from connecting.arriving import recorded
from connecting.broken.ways import (
    Row,
    at_address,
    b64,
    configured,
    from_base64,
    header,
    in_base64,
    mac,
    moved,
    renamed,
    signed_as,
    stored_as,
)
from signing import url64

ADDRESS = "https://hooks.example.com/v1/webhooks/square"
BASE64 = "+tAkyhltQK5FNw27rFLYdLktKkkLWavd9BZzwNv9hbk="
URL64 = "-tAkyhltQK5FNw27rFLYdLktKkkLWavd9BZzwNv9hbk"

GITHUB, STRIPE, SLACK, SHOPIFY = (recorded(name) for name in ("github", "stripe", "slack", "shopify"))
WEBHOOK, SVIX, HMAC = (recorded(name) for name in ("webhook", "svix", "hmac"))
OF_GITHUB, OF_STRIPE, OF_SHOPIFY = "x-hub-signature-256", "stripe-signature", "x-shopify-hmac-sha256"
OF_SLACK, OF_CRM, DOCKET = "x-slack-signature", "webhook-signature", "x-docket-signature"
WHSEC = WEBHOOK.secret
STAMPED = b"1795197600." + HMAC.delivery.body
CRM_SIGNED = b".".join(
    [WEBHOOK.delivery.headers["webhook-id"].encode(), b"1795197600", WEBHOOK.delivery.body]
)
URL_SIGNED = url64(mac(SHOPIFY))


ADDRESSES: dict[str, Row] = {
    "http": (at_address(ADDRESS.replace("https", "http")), "address-http", "http://", "https://"),
    "stage prod": (at_address(ADDRESS.replace("/v1", "/prod/v1")), "address-stage", "/prod", "public_url"),
    "stage dev": (at_address(ADDRESS.replace("/v1", "/dev/v1")), "address-stage", "/dev", "public_url"),
    "stage default": (
        at_address(ADDRESS.replace("/v1", "/$default/v1")),
        "address-stage",
        "/$default",
        "public_url",
    ),
    "port": (at_address(ADDRESS.replace(".com", ".com:443")), "address-port", "port 443", "public_url"),
    "slash more": (at_address(ADDRESS + "/"), "address-slash", "ends in a slash", ADDRESS + "/"),
    "slash less": (
        configured(recorded("square"), url=ADDRESS + "/"),
        "address-slash",
        "does not end in a slash",
        ADDRESS,
    ),
    "host in upper case": (
        at_address(ADDRESS.replace("hooks.example.com", "HOOKS.EXAMPLE.COM")),
        "address-host-case",
        "another case",
        "public_url",
    ),
    "host of the API": (
        at_address("https://abc.execute-api.us-east-1.amazonaws.com/v1/webhooks/square").but(
            host="abc.execute-api.us-east-1.amazonaws.com"
        ),
        "address-host",
        "abc.execute-api",
        "public_url",
    ),
    "no query": (configured(recorded("square"), url=ADDRESS + "?a=1"), "address-query", "no query", ADDRESS),
    "stage and http": (
        at_address(ADDRESS.replace("https", "http").replace("/v1", "/prod/v1")),
        "address",
        "http:// and it has /prod",
        "public_url",
    ),
    "of hubspot": (
        signed_as(recorded("hubspot"), url="https://hooks.example.com/prod/v1/webhooks/hubspot"),
        "address-stage",
        "/prod",
        "public_url",
    ),
}


WRITING: dict[str, Row] = {
    "no prefix": (header(GITHUB, OF_GITHUB, lambda v: v[7:]), "signature-prefix", "'sha256='", "prefix"),
    "a prefix more": (
        header(HMAC, DOCKET, lambda v: v.replace("v1=", "sha256=")),
        "signature-prefix",
        "'sha256='",
        'prefix = "sha256="',
    ),
    "another prefix": (
        header(SLACK, OF_SLACK, lambda v: v.replace("v0", "v1")),
        "signature-prefix",
        "'v1='",
        "prefix",
    ),
    "prefix in upper case": (
        header(GITHUB, OF_GITHUB, lambda v: v.replace("sha256", "SHA256")),
        "signature-prefix",
        "'SHA256='",
        "prefix",
    ),
    "a tab after the separator": (
        header(STRIPE, OF_STRIPE, lambda v: v.replace(",", ",\t")),
        "signature-spaces",
        "white space",
        "",
    ),
    "another separator": (
        header(STRIPE, OF_STRIPE, lambda v: v.replace(",", ";")),
        "signature-separator",
        "';'",
        "separator",
    ),
    "no marker": (header(WEBHOOK, OF_CRM, lambda v: v[3:]), "signature-prefix", "'v1,'", ""),
    "quotes": (header(GITHUB, OF_GITHUB, lambda v: f'"{v}"'), "signature-prefix", '"', ""),
    "base64url": (header(SHOPIFY, OF_SHOPIFY, lambda _: URL_SIGNED), "encoding", "base64url", ""),
    "base64 without padding": (
        header(SHOPIFY, OF_SHOPIFY, lambda v: v.rstrip("=")),
        "encoding",
        "base64",
        "",
    ),
    "hex in upper case": (
        header(GITHUB, OF_GITHUB, lambda v: "sha256=" + v[7:].upper()),
        "encoding",
        "hex-upper",
        "",
    ),
    "hex for base64": (signed_as(SHOPIFY, encoding="hex"), "encoding", "hex", 'encoding = "hex"'),
    "base64 for hex": (signed_as(GITHUB, encoding="base64"), "encoding", "base64", 'encoding = "base64"'),
    "base64 of hex": (
        GITHUB.but(x_hub_signature_256="sha256=" + in_base64(mac(GITHUB).hex())),
        "encoding",
        "base64 of hexadecimal digits",
        "",
    ),
    "sha512": (signed_as(GITHUB, digest="sha512"), "digest", "sha512", 'digest = "sha512"'),
    "sha1": (
        GITHUB.but(x_hub_signature_256="sha256=" + mac(GITHUB, digest="sha1").hex()),
        "digest-not-supported",
        "sha1 is not supported",
        "sha256",
    ),
}


PLACES: dict[str, Row] = {
    "another header": (
        moved(HMAC, "x-docket-signature", "x-signature"),
        "signature-header",
        "x-signature",
        'header = "x-signature"',
    ),
    "svix under webhook names": (
        renamed(SVIX, "svix-", "webhook-"),
        "another-preset",
        "standard-webhooks",
        'verify = "standard-webhooks"',
    ),
    "webhook under svix names": (
        renamed(WEBHOOK, "webhook-", "svix-"),
        "another-preset",
        "svix",
        'verify = "svix"',
    ),
    "another preset": (
        replace(recorded("calendly"), delivery=STRIPE.delivery, secret=STRIPE.secret),
        "another-preset",
        "stripe",
        'verify = "stripe"',
    ),
    "the old header of github": (
        GITHUB.but(x_hub_signature_256=None, x_hub_signature="sha1=" + mac(GITHUB, digest="sha1").hex()),
        "legacy-header+digest-not-supported+signature-header",
        "only x-hub-signature",
        "x-hub-signature-256",
    ),
    "timestamp in another header": (
        moved(HMAC, "x-docket-timestamp", "x-request-timestamp"),
        "timestamp-header",
        "x-request-timestamp",
        'timestamp_header = "x-request-timestamp"',
    ),
    "nothing that looks signed": (
        GITHUB.but(x_hub_signature_256=None),
        "no-signature",
        "No header",
        "signs at all",
    ),
}


SECRETS: dict[str, Row] = {
    "line break": (stored_as(GITHUB, lambda s: s + "\n"), "secret-white-space", "white space", "alone"),
    "space before": (stored_as(SLACK, lambda s: " " + s), "secret-white-space", "white space", "alone"),
    "no-break space": (
        stored_as(SLACK, lambda s: s + "\u00a0"),
        "secret-white-space",
        "white space",
        "alone",
    ),
    "backslash n": (stored_as(SLACK, lambda s: s + "\\n"), "secret-white-space", "line break", "alone"),
    "quotes": (stored_as(GITHUB, lambda s: f'"{s}"'), "secret-quotes", "quotes", "alone"),
    "byte order mark": (stored_as(GITHUB, lambda s: "\ufeff" + s), "secret-byte-order-mark", "mark", "alone"),
    "v1 before": (stored_as(WEBHOOK, lambda s: "v1," + s), "secret-v1", "v1,", "after the comma"),
    "whsec twice": (stored_as(WEBHOOK, lambda s: "whsec_" + s), "secret-whsec-twice", "twice", "one whsec_"),
    "whsec missing": (stored_as(STRIPE, lambda s: s[6:]), "secret-whsec-missing", "missing", "with whsec_"),
    "whsec too many": (
        stored_as(SLACK, lambda s: "whsec_" + s),
        "secret-whsec-extra",
        "no whsec_",
        "without",
    ),
    "line break for base64": (
        stored_as(WEBHOOK, lambda s: s + "\n"),
        "secret-white-space",
        "white space",
        "",
    ),
    "JSON twice": (
        stored_as(SLACK, lambda s: json.dumps({"signing_secret": s})),
        "secret-json-twice",
        "JSON",
        "",
    ),
    "name and equals sign": (stored_as(SLACK, lambda s: "SECRET=" + s), "secret-named", "name", "alone"),
    "another case": (stored_as(GITHUB, str.upper), "secret-case", "case", "as the sender"),
    "text for base64": (
        configured(signed_as(GITHUB, secret=BASE64), key="base64").but(secret=BASE64),
        "key-form",
        "read as text",
        'key = "text"',
    ),
    "base64 for text": (
        signed_as(HMAC, secret=BASE64, key="base64").but(secret=BASE64),
        "key-form",
        "read as base64",
        'key = "base64"',
    ),
    "hex for text": (signed_as(HMAC, key="hex"), "key-form", "read as hex", 'key = "hex"'),
    "whsec decoded": (
        header(
            HMAC.but(secret=WHSEC),
            DOCKET,
            lambda _: "v1=" + mac(HMAC, STAMPED, key=from_base64(WHSEC[6:])).hex(),
        ),
        "key-form",
        "read as standard",
        'key = "standard"',
    ),
    "whsec as text": (
        header(WEBHOOK, "webhook-signature", lambda _: "v1," + b64(mac(WEBHOOK, CRM_SIGNED))),
        "key-form",
        "read as text",
        "it fixed",
    ),
    "base64url": (
        configured(signed_as(HMAC, secret=BASE64, key="base64"), key="base64").but(secret=URL64),
        "secret-alphabet",
        "base64url",
        "standard base64",
    ),
}
