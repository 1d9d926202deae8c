"""Tokens, API keys and passwords."""

import json
from dataclasses import replace

from connecting.arriving import recorded
from connecting.broken.ways import (
    Row,
    a_token,
    a_token_of,
    from_base64,
    header,
    in_base64,
    key_set_of,
    moved,
    other_key_set,
    sha256,
    stored_as,
)

BASE64 = "ftAkyhltQK5FNw27rFLYdLktKkkLWavd9BZzwNv9hbk="
JWT, API_KEY, BASIC = recorded("jwt"), recorded("api-key"), recorded("basic")
KEY, TOKEN = "x-api-key", "authorization"


TOKENS: dict[str, Row] = {
    "expired": (replace(JWT, now=JWT.now + 4_000), "jwt-expired", "expired", "--at"),
    "not yet": (replace(JWT, now=JWT.now - 4_000), "jwt-not-yet", "not valid yet", "--at"),
    "another audience": (a_token(JWT, aud="somebody"), "jwt-audience", "somebody", "audience"),
    "another issuer": (
        a_token(JWT, iss="https://other.example.com"),
        "jwt-issuer",
        "other.example.com",
        "issuer",
    ),
    "no expiry": (a_token(JWT, exp=None), "jwt-exp-missing", "exp", "add exp"),
    "expiry in milliseconds": (
        a_token(JWT, exp=1_795_197_900_000),
        "jwt-milliseconds",
        "milliseconds",
        "seconds",
    ),
    "HS512": (a_token(JWT, alg="HS512"), "jwt-algorithm+jwt-algorithm-signed", "HS512", "HS256"),
    "none": (a_token(JWT, alg="none"), "jwt-algorithm+jwt-none", "not signed", "sign it"),
    "claims twice": (
        a_token_of(
            JWT,
            b'{"exp":1,"exp":1795197900,"iss":"https://docket.example.com","aud":"prevail-cancellations"}',
        ),
        "jwt-claims-json",
        "same key twice",
        "once",
    ),
    "base64 secret": (
        a_token(JWT.but(secret=BASE64), secret=from_base64(BASE64)),
        "key-form",
        "base64",
        "change it at the sender",
    ),
    "secret with a line break": (
        stored_as(JWT, lambda s: s + "\n"),
        "secret-white-space",
        "white space",
        "alone",
    ),
    "bearer twice": (header(JWT, TOKEN, lambda v: f"Bearer {v}"), "jwt-bearer-twice", "twice", "one space"),
    "quotes": (header(JWT, TOKEN, lambda v: f'Bearer "{v[7:]}"'), "jwt-quotes", "quotes", "one space"),
    "another header": (
        moved(JWT, TOKEN, "x-token"),
        "jwt-header-name",
        "x-token",
        'header = "x-token"',
    ),
    "unknown key": (key_set_of(recorded("jwt-es256"), kid="other"), "jwt-kid", "fits", "Publish"),
    "another key of that name": (
        recorded("jwt-es256").but(secret=other_key_set("ES256", "jwt-es256")),
        "jwt-key",
        "No key",
        "key set",
    ),
}


API_KEYS: dict[str, Row] = {
    "another header": (moved(API_KEY, KEY, "x-token"), "secret-header", "x-token", 'header = "x-token"'),
    "bearer": (header(API_KEY, KEY, lambda v: f"Bearer {v}"), "sent-word", "Bearer", "alone"),
    "quotes": (header(API_KEY, KEY, lambda v: f'"{v}"'), "sent-quotes", "quotes", "alone"),
    "spaces": (header(API_KEY, KEY, lambda v: f" {v}"), "sent-white-space", "white space", "alone"),
    "the hash": (header(API_KEY, KEY, sha256), "hash-sent", "hash", "alone"),
    "cut": (header(API_KEY, KEY, lambda v: v[:40]), "secret-cut", "beginning", "all of it"),
    "as a user": (
        API_KEY.but(x_api_key=None, authorization="Basic " + in_base64(API_KEY.secret + ":")),
        "secret-header+secret-in-basic",
        "user",
        "alone",
    ),
    "in the body": (
        API_KEY.but(x_api_key=None, body=json.dumps({"key": API_KEY.secret}).encode()),
        "secret-in-body",
        "in the body",
        "header",
    ),
    "another hash": (
        stored_as(API_KEY, lambda s: "sha256:" + sha256(s + "x")),
        "hash-of-another",
        "another",
        "sha256sum",
    ),
    "hash with a line break": (
        stored_as(API_KEY, lambda s: "sha256:" + sha256(s + "\n")),
        "hash-with-line-break",
        "line break",
        "printf",
    ),
    "hash without its prefix": (stored_as(API_KEY, sha256), "hash-without-prefix", "sha256:", "before it"),
    "stored with quotes": (stored_as(API_KEY, lambda s: f"'{s}'"), "secret-quotes", "quotes", "alone"),
    "another": (header(API_KEY, KEY, lambda v: v[::-1]), "secret-another", "another secret", "Compare"),
    "only the password": (
        BASIC.but(authorization="Basic " + in_base64(BASIC.secret[5:])),
        "basic-parts",
        "password",
        "user:password",
    ),
    "swapped": (
        BASIC.but(authorization="Basic " + in_base64(f"{BASIC.secret[5:]}:firm")),
        "basic-parts",
        "swapped",
        "user:password",
    ),
    "no base64": (
        BASIC.but(authorization=f"Basic {BASIC.secret}"),
        "basic-not-base64",
        "not base64",
        "base64",
    ),
}
