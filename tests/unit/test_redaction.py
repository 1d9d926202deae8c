"""Words that repeat a secret of ours, in whatever encoding a peer writes its echoes."""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from builders import NOW
from cancellations.redaction import LEFT_OUT, kept
from cancellations.token import sign

KEY = "Zq7Vw3Lm-9/Rt5=Yx2+Kc8_Nb4Hg6Td1"
TOKEN = sign(KEY, "acme", NOW)
HEADER, PAYLOAD, SIGNATURE = TOKEN.split(".")
SECRETS = (KEY, TOKEN)

type Encode = Callable[[str], str]


def percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def in_base64(before: str) -> Encode:
    return lambda text: base64.b64encode(f"{before}{text}: no".encode()).decode()


def in_lines(text: str) -> str:
    return "\r\n ".join(text[at : at + 5] for at in range(0, len(text), 5))


ENCODINGS: dict[str, Encode] = {
    "plain": str,
    "lower": str.lower,
    "upper": str.upper,
    "json": json.dumps,
    "json in json": lambda text: json.dumps(json.dumps({"echo": text})),
    "escaped slashes": lambda text: text.replace("/", "\\/"),
    "u escapes": lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
    "u escapes in json": lambda text: json.dumps("".join(f"\\u{ord(c):04X}" for c in text)),
    "x escapes": lambda text: "".join(f"\\x{ord(c):02x}" for c in text),
    "html": html.escape,
    "html numbers": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "html hexadecimal": lambda text: "".join(f"&#x{ord(c):x};" for c in text),
    "percent": percent,
    "percent lower": lambda text: percent(text).lower(),
    "percent double": lambda text: quote(percent(text), safe=""),
    "percent triple": lambda text: quote(quote(percent(text), safe=""), safe=""),
    "percent of signs": lambda text: quote(text, safe=""),
    "javascript": lambda text: "".join(f"%u{ord(c):04x}" for c in text),
    "html of percent": lambda text: html.escape(percent(text)).replace("%", "&#37;"),
    **{f"base64 at {len(before)}": in_base64(before) for before in ("", "a", "ab", "abc")},
    "base64url": lambda text: base64.urlsafe_b64encode(f"Bearer {text}".encode()).decode().rstrip("="),
    "base64 in lines": lambda text: in_lines(in_base64("a")(text)),
    "base64 percent": lambda text: quote(in_base64("ab")(text), safe=""),
    "hex": lambda text: text.encode().hex(),
    "hex upper": lambda text: text.encode().hex().upper(),
    "hex colons": lambda text: text.encode().hex(":"),
    "hex spaces": lambda text: text.encode().hex(" ", 2),
    "hex 0x": lambda text: ", ".join(f"0x{byte:02x}" for byte in text.encode()),
    "quoted-printable": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "lines": in_lines,
    "spaces": " ".join,
    "dashes": "-".join,
    "reversed": lambda text: text[::-1],
    "hex reversed": lambda text: text.encode().hex()[::-1],
    "base64 reversed": lambda text: in_base64("a")(text)[::-1],
}

PARTS = {
    "key": KEY,
    "beginning of the key": KEY[:8],
    "end of the key": KEY[-8:],
    "token": TOKEN,
    "signature": SIGNATURE,
    "payload": PAYLOAD,
    "token without signature": f"{HEADER}.{PAYLOAD}",
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("part", PARTS)
def test_no_echo_of_a_secret_is_kept(part: str, encoding: str) -> None:
    assert kept(f"You sent {ENCODINGS[encoding](PARTS[part])} to us.", SECRETS) == LEFT_OUT


ORDINARY = [
    "Session successfully canceled.",
    "remote_session_id: no such session",
    "remote_session_id: session-of-tuesday cannot be canceled in state active",
    "slug: acme is not permitted; see https://prevail.ai/help?id=42&lang=en#Z%C3%BCrich",
    "a60b361a-61af-4bd0-bb46-935e47704082 at 2027-01-15T08:00:00Z, \\u00fcber &amp; &#252;ber",
    "<html><body><h1>502 Bad Gateway</h1></body></html>",
    "[token] is refused: HS256, expected a Bearer token",
    "8d24ca7a81d12d1a184919f302398a738f20d987ccab1a274b696d7397c5bdc8",
    "\U0001f600 %ZZ \\ud800 &bogus; " * 8,
    "",
]


@pytest.mark.parametrize("words", ORDINARY)
def test_ordinary_words_are_kept_as_they_are(words: str) -> None:
    assert kept(words, SECRETS) == words


def test_seven_characters_are_no_secret() -> None:
    assert kept(KEY[:7], SECRETS) == KEY[:7]


def test_a_key_of_signs_alone_is_found() -> None:
    key = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" * 2
    assert kept(f"{{{key}}}", [key]) == LEFT_OUT


def test_without_secrets_everything_is_kept() -> None:
    assert kept(KEY, ()) == KEY
