"""Where fuzzing starts: inputs that go deep, and the words that readers know. Nothing is kept of earlier runs."""

import json
from collections.abc import Callable, Sequence

from cancellations.source import bodies
from cancellations.source.presets import PRESETS
from fuzz import PART
from fuzz.verifying import SUBJECTS
from signing import NOW

_AT = str(int(NOW)).encode()
_TIMES = (_AT, b"%d" % int(NOW * 1000), b"2027-01-15T08:00:00Z", b"", b"1799999700", b"NaN")


def _of_verifier() -> list[bytes]:
    seeds = []
    for place, _ in enumerate(SUBJECTS):
        for at in _TIMES:
            for signed in (0, 1):
                parts = [b"msg_1", at, b"v1,AAAA v1a,AAAA v1=00,t=1", b'{"id":"evt_1"}']
                seeds.append(bytes((place, signed)) + PART.join(parts))
        for claims in _CLAIMS:
            seeds += [bytes((place, 1)) + header + PART + claims for header in _HEADERS]
    return seeds


_HEADERS = (
    b'{"alg":"HS256","typ":"JWT"}',
    b'{"alg":"ES256","kid":"one"}',
    b'{"alg":"EdDSA","kid":"one"}',
    b'{"alg":"none"}',
    b'{"alg":"HS256","crit":["exp"],"jku":"https://example.com","kid":"one"}',
)
_CLAIMS = (
    b'{"exp":1800000060,"iss":"crm","aud":"us","jti":"evt_1"}',
    b'{"exp":1800000060.5,"nbf":1800000000,"iat":1799999990,"iss":"crm","aud":["us","them"]}',
    b'{"exp":"1800000060"}',
    b"[]",
)


def _of_secrets() -> list[bytes]:
    stored = (
        b"whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=",
        b"whpk_MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=",
        b"whpk_MCowBQYDK2VwAyEAMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=",
        b"-----BEGIN PUBLIC KEY-----",
        b"sha256:" + b"0123456789abcdef" * 4,
        b"crm:with:colons-0123456789-abcdefghij",
        *(subject.secret.encode() for subject in SUBJECTS),
        json.dumps(
            {"keys": [{"kty": "RSA", "n": "A" * 342, "e": "AQAB", "use": "sig", "alg": "RS256"}]}
        ).encode(),
    )
    return [bytes([place]) + one for place, _ in enumerate(SUBJECTS) for one in stored]


_SOAP = (
    b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
    b'<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D</OrganizationId>'
    b"<ActionId>04k</ActionId><SessionId>s</SessionId><Notification><Id>04l</Id>"
    b'<sObject xsi:type="sf:Depo__c" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>a01</sf:Id>'
    b'<sf:Name xsi:nil="true"/></sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>'
)
_EVENT = (
    b'{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"application/json","data":{}}'
)
_ENCODED = b'{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"e30="}'
_BINARY = b"ce-specversion:1.0\nce-id:1\nce-source:/s\nce-type:t\nce-subject:%22a%20b%22\ncontent-type:"
_BODIES = (
    (b"content-type:application/json", b'{"a":[1,-2.5e3,true,null,"\\ud83d\\ude00"]}'),
    (b"content-type:application/vnd.x+json; charset=utf-8", b"[]"),
    (b"content-type:application/x-www-form-urlencoded", b"a=1&b=%C3%A9+x&c="),
    (b"content-type:application/cloudevents+json", _EVENT),
    (b"content-type:application/cloudevents+json", _ENCODED),
    (b"content-type:application/cloudevents-batch+json", b"[" + _EVENT + b"," + _ENCODED + b",{}]"),
    (_BINARY + b"application/json", b'{"a":1}'),
    (_BINARY + b'text/plain; charset="utf-8"', b"text"),
    (b'content-type:text/xml; charset=utf-8\nsoapaction:""', _SOAP),
    (b"content-encoding:gzip", b"\x1f\x8b"),
    (b"", b"\xef\xbb\xbf{}"),
)


def _of_reader() -> list[bytes]:
    kinds = range(len(bodies.KINDS))
    return [bytes([kind]) + headers + PART + body for kind in kinds for headers, body in _BODIES]


_EXPRESSIONS = (
    b"body.data.remote_session_id",
    b'headers."x-id"',
    b"body.type == 'deposition.canceled' && body.data.n > `1`",
    b"body.data.answers[?key=='session'].value | [0]",
    b"join('-', [to_string(body.data.n), body.type])",
    b"sort_by(body.data.answers, &key)[-1].key",
    b"{a: body.data, b: sum(body.data.list), c: max(body.data.list)}",
    b"starts_with(body.type || '', 'd')",
    b"body.data.*[] | length(@)",
    b"to_number(body.data.n)",
)
_DOCUMENT = (
    b'{"type":"deposition.canceled","data":{"remote_session_id":"session-1","n":2,"list":[1,2.5,-3],'
    b'"answers":[{"key":"session","value":"s-1"}],"at":"2026-11-24T15:00:00Z","yes":true,"no":null}}'
)


def _of_mapper() -> list[bytes]:
    items = (b"", b"body.data.answers", b"body", b"body.data")
    return [PART.join((written, one, _DOCUMENT)) for written in _EXPRESSIONS for one in items]


_ORGANIZATIONS = b'[acme]\nbase_url = "https://prevail.example.com"\nsecret = "acme"\non_unknown = "hold"\n'
_REQUEST = b'[crm.request]\nevent_id = "body.id"\nremote_session_id = "body.session"\nstarts_at = "body.at"\n'
_HMAC = (
    b'hmac = { signed = "{id}.{timestamp}.{body}", header = "x-sig", prefix = "v1=", separator = ",", key = "hex", '
    b'id_header = "i", timestamp_header = "t", timestamp_unit = "ms", encoding = "base64" }\n'
)
_PARTS_OF_SOURCES = (
    _HMAC,
    b'jwt = { algorithm = "ES256", issuer = "i", audience = "a", jwks = "beside.toml" }\n',
    b'jwt = { algorithm = "RS256", jwks_url = "https://keys.example.com/set" }\n',
    b'lookup = { file = "beside.toml", missing = "ignore" }\nmode = "observe"\n',
    b'lookup = { table = true }\nitems = "body"\nfilter = { canceled = "item.type == \'x\'" }\n',
    b'public_url = "https://hooks.example.com/v1"\nfilter = "body.a == `1`"\nhandshake = true\nbody = "form"\n',
    b'bus = { source = "crm", detail_type = "d", account = "111122223333" }\nfilter = "body.a"\n',
)


def _of_configuration() -> list[bytes]:
    seeds = []
    for verify in (*PRESETS, "bus"):
        for written in _PARTS_OF_SOURCES:
            who = b'organization = { from = "body.o", map = { a = "acme" } }\n' if len(verify) % 2 else b""
            head = b'[crm]\nverify = "%s"\nsecret = "crm"\n' % verify.encode()
            source = head + (who or b'organization = "acme"\n') + written + _REQUEST
            seeds.append(PART.join((source, _ORGANIZATIONS, b'"their-1" = "session-1"\n')))
    return seeds


_ADDRESSES = (
    b"https://crm.example.com/.well-known/jwks.json",
    b"https://login.example.com:443/tenant/discovery/v2.0/keys?appid=66666666-7777",
    b"https://prod-26.uksouth.example.com/workflows/0/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Frun&sig=A_b-c",
    b"http://127.0.0.1:9001/2018-06-01/runtime",
    b"https://user:pw@[::1]:99999/a/../b;c?d#e",
    b"HTTPS://xn--bcher-kva.example/%2e%2e/",
)
_VALUES = (
    b'respond-async, wait=20; foo="a,b"',
    b'application/json; charset="utf-8"; x=y',
    b"t=1795197600000, v1=ab, v1=cd",
    b"Bearer aaa.bbb.ccc",
    b"Tue, 24 Nov 2026 18:00:00 GMT",
    b"120.5",
    b'\\"' * 20,
)
_WRITTEN = (
    *_EXPRESSIONS,
    b'body.type == "canceled"',
    b"body.list[?a == b && c != 'd'] | [0].e",
    b"(body.moved || `false`) != `true`",
    b"item.fields.Status__c == 'Canceled'",
    b"flag(body.silent) || !(body.a > `1`)",
    b"body.organization_id == '00DEXAMPLEFIRM0'",
)


def _of_expressions() -> list[bytes]:
    return [bytes([shape]) + PART.join((written, _DOCUMENT)) for shape in range(7) for written in _WRITTEN]


SEEDS: dict[str, Callable[[], Sequence[bytes]]] = {
    "addresses": lambda: _ADDRESSES,
    "headers": lambda: _VALUES,
    "expressions": _of_expressions,
    "verifier": _of_verifier,
    "secrets": _of_secrets,
    "reader": _of_reader,
    "mapper": _of_mapper,
    "configuration": _of_configuration,
}

_KEYS = (
    "organization verify secret public_url hmac jwt header body mode handshake items filter lookup request event_id "
    "remote_session_id cancel_without_email reason requested_by starts_at signed prefix separator encoding key digest "
    "algorithm issuer audience jwks jwks_url id_header timestamp_header timestamp_prefix timestamp_unit tolerance_s "
    "file missing table from map bus source detail_type account base_url on_unknown"
)
_FUNCTIONS = (
    "abs( avg( contains( ceil( ends_with( floor( join( keys( length( map( max( max_by( merge( min( min_by( "
    "not_null( reverse( sort( sort_by( starts_with( sum( to_array( to_string( to_number( type( values( "
    "&@ [*] [?a==b] [::-1] || && `1` 'x' *.* []"
)
_WORDS = {
    "addresses": "https:// http:// %2e %2f .. ; @ : # ? & [::1] 127.0.0.1 localhost .well-known :443 xn--",
    "headers": 'wait= respond-async , ; = \\ charset= utf-8 Bearer GMT v1= t= "',
    "expressions": _FUNCTIONS
    + " flag( body. item. headers. claims. sha256 'canceled' \"x\" `true` `null` != == [?",
    "verifier": 'v1, v1a, v1= v0= sha256= t= "alg" "kid" "crit" "exp" "nbf" "iat" "iss" "aud" "jti" HS256 none 1e400',
    "secrets": 'whsec_ whpk_ sha256: "keys" "kty" "RSA" "EC" "OKP" "crv" "n" "e" "x" "y" "d" "kid" "use" "alg" "sig"',
    "reader": '"data" "data_base64" "specversion" ce-id: content-type: charset=utf-8 <!DOCTYPE <![CDATA[ &#0; xmlns='
    " xsi:nil= <?xml %00 %C3%A9 NaN 1e400 \\ud800",
    "mapper": _FUNCTIONS,
    "configuration": _KEYS,
}


def dictionary(target: str) -> str:
    """Of libFuzzer: one quoted word a line."""
    words = [word.encode() for word in _WORDS[target].split(" ")] + [PART]
    return "\n".join('"' + "".join(f"\\x{sign:02x}" for sign in word) + '"' for word in words) + "\n"
