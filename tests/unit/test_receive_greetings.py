"""Senders that try an address before they use it: what is sent back to them, and when it is not."""

import base64
import json

import pytest

from builders import KEY, NOW, SIGNING_SECRET, a_body, a_bus_source, a_delivery, a_receive, a_source
from cancellations.domain import Delivery, Json
from cancellations.errors import Malformed, SignatureRefused, TooLarge
from cancellations.receive import MAX_BODY_BYTES, MAX_CHALLENGE_BYTES, Arrival, Handshake
from cancellations.source.presets import SLACK, Greeting
from cancellations.source.proof import Proof, Secret
from cancellations.source.verification.keys import HmacKey
from fakes import KnownKeys, MemoryQueue, MemoryTable

HOOK = "X-1f3a/9c=="
GREETED = a_source(greeting="x-hook-secret")


def a_registration(value: str | None = HOOK, source: str = "acme") -> Delivery:
    """What Clio sends once: a header and an empty body, and no signature."""
    return Delivery(source, {} if value is None else {"x-hook-secret": value}, b"")


# ── A header that nobody has signed ───────────────────────────────────────────────────────────────


def test_a_header_is_sent_back_while_the_source_says_that_one_is_expected() -> None:
    assert a_receive(GREETED)(a_registration(), NOW) == Handshake("acme", {"x-hook-secret": HOOK}, None)


def test_a_greeting_leaves_nothing_and_asks_for_no_secret() -> None:
    table, queue, ring = MemoryTable(), MemoryQueue(), KnownKeys()
    a_receive(GREETED, table=table, queue=queue, secrets=ring)(a_registration(), NOW)
    assert (table.writes, queue.sent, ring.asked) == (0, [], [])


@pytest.mark.parametrize("greeting", [None, "challenge"])
def test_a_header_is_refused_where_none_is_expected(greeting: Greeting | None) -> None:
    with pytest.raises(SignatureRefused):
        a_receive(a_source(greeting=greeting))(a_registration(), NOW)


@pytest.mark.parametrize("source", ["nobody", "on-the-bus"])
def test_a_header_is_refused_where_there_is_no_such_source(source: str) -> None:
    with pytest.raises(SignatureRefused):
        a_receive(GREETED, a_bus_source())(a_registration(source=source), NOW)


@pytest.mark.parametrize("value", ["!", "~", "a" * 256, base64.b64encode(bytes(range(64))).decode()])
def test_a_header_of_visible_ascii_is_sent_back_as_it_came(value: str) -> None:
    assert a_receive(GREETED)(a_registration(value), NOW) == Handshake("acme", {"x-hook-secret": value}, None)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="missing"),
        pytest.param("", id="empty"),
        pytest.param("a b", id="blank"),
        pytest.param("a\r\nset-cookie: x", id="header-of-its-own"),
        pytest.param("a\n", id="line-end"),
        pytest.param("a\x00", id="nul"),
        pytest.param("a\x7f", id="delete"),
        pytest.param("é", id="not-ascii"),
        pytest.param("\u0661", id="arabic-digit"),
        pytest.param("a" * 257, id="too-long"),
    ],
)
def test_a_header_that_could_do_harm_is_not_sent_back(value: str | None) -> None:
    with pytest.raises(SignatureRefused):
        a_receive(GREETED)(a_registration(value), NOW)


def test_a_greeting_with_too_large_a_body_is_refused() -> None:
    delivery = Delivery("acme", a_registration().headers, bytes(MAX_BODY_BYTES + 1))
    with pytest.raises(TooLarge):
        a_receive(GREETED)(delivery, NOW)


def test_a_header_of_a_signed_delivery_makes_it_a_greeting_and_no_request() -> None:
    """Nobody has vouched for what came with it; a sender that greets has nothing to cancel yet."""
    queue = MemoryQueue()
    delivery = a_delivery(headers={"x-hook-secret": HOOK})
    assert isinstance(a_receive(GREETED, queue=queue)(delivery, NOW), Handshake)
    assert queue.sent == []


def test_the_value_is_believed_in_nothing_afterwards() -> None:
    receive = a_receive(GREETED)
    receive(a_registration("whsec_" + base64.b64encode(KEY[::-1]).decode()), NOW)
    with pytest.raises(SignatureRefused):
        receive(a_delivery(key=KEY[::-1]), NOW)


def test_deliveries_are_taken_while_a_greeting_is_expected() -> None:
    assert isinstance(a_receive(GREETED)(a_delivery(), NOW), Arrival)


# ── A challenge that nobody has signed ────────────────────────────────────────────────────────────

CHALLENGED = a_source(greeting="unsigned-challenge")


def a_challenge(document: Json | bytes, source: str = "acme") -> Delivery:
    """What monday.com posts before it registers an address."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Delivery(source, {"content-type": "application/json"}, body)


@pytest.mark.parametrize(
    "value", ["3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P", "a b", "~", "x" * 256]
)
def test_a_challenge_is_sent_back_while_one_is_expected(value: str) -> None:
    greeting = a_receive(CHALLENGED)(a_challenge({"challenge": value}), NOW)
    assert greeting == Handshake("acme", {}, {"challenge": value})


def test_a_challenge_of_escapes_alone_is_sent_back() -> None:
    body = b'{"challenge": "' + b"\\u0061" * 256 + b'"}'
    assert a_receive(CHALLENGED)(a_challenge(body), NOW) == Handshake("acme", {}, {"challenge": "a" * 256})


def test_an_unsigned_challenge_leaves_nothing_and_asks_for_no_secret() -> None:
    table, queue, ring = MemoryTable(), MemoryQueue(), KnownKeys()
    a_receive(CHALLENGED, table=table, queue=queue, secrets=ring)(a_challenge({"challenge": "x"}), NOW)
    assert (table.writes, queue.sent, ring.asked) == (0, [], [])


@pytest.mark.parametrize("greeting", [None, "challenge", "x-hook-secret"])
def test_an_unsigned_challenge_is_refused_where_none_is_expected(greeting: Greeting | None) -> None:
    with pytest.raises(SignatureRefused):
        a_receive(a_source(greeting=greeting))(a_challenge({"challenge": "x"}), NOW)


@pytest.mark.parametrize("source", ["nobody", "on-the-bus"])
def test_an_unsigned_challenge_is_refused_without_a_source(source: str) -> None:
    with pytest.raises(SignatureRefused):
        a_receive(CHALLENGED, a_bus_source())(a_challenge({"challenge": "x"}, source), NOW)


@pytest.mark.parametrize(
    "document",
    [
        {"challenge": ""},
        {"challenge": "x" * 257},
        {"challenge": "é"},
        {"challenge": "a\n"},
        {"challenge": "a\x7f"},
        {"challenge": 1},
        {"challenge": None},
        {"challenge": ["x"]},
        {"challenge": {"challenge": "x"}},
        {"challenge": "x", "type": "url_verification"},
        {"challenge": "x", "remote_session_id": "session-1"},
        {"Challenge": "x"},
        {},
        [{"challenge": "x"}],
        "challenge",
        b'{"challenge": "x", "challenge": "y"}',
        b'\xef\xbb\xbf{"challenge": "x"}',
        b'{"challenge": "x"',
        b'{"challenge": "x"}'.ljust(MAX_CHALLENGE_BYTES + 1),
        b"challenge=x",
        b"\xff",
        b"[" * 2000,
        b"",
    ],
    ids=lambda document: str(document)[:40],
)
def test_no_other_unsigned_body_is_sent_back(document: Json | bytes) -> None:
    with pytest.raises(SignatureRefused):
        a_receive(CHALLENGED)(a_challenge(document), NOW)


def test_a_hook_secret_is_not_sent_back_where_a_challenge_is_expected() -> None:
    with pytest.raises(SignatureRefused):
        a_receive(CHALLENGED)(a_registration(), NOW)


def test_deliveries_are_taken_while_a_challenge_is_expected() -> None:
    assert isinstance(a_receive(CHALLENGED)(a_delivery(), NOW), Arrival)


# ── A challenge in a signed body ──────────────────────────────────────────────────────────────────

CHALLENGE: dict[str, Json] = {"type": "url_verification", "challenge": "3eZbrw1a", "token": "t"}
SLACKS = a_source(verify="slack", proof=Proof(SLACK, Secret("acme")), greeting="challenge", name="acme")
RING = KnownKeys({"acme": SIGNING_SECRET})


def from_slack(document: Json, key: str = SIGNING_SECRET) -> Delivery:
    body = json.dumps(document).encode()
    headers = {
        "x-slack-request-timestamp": str(int(NOW)),
        "x-slack-signature": "v0=" + SLACK.sign(HmacKey(key.encode()), body, NOW),
    }
    return Delivery("acme", headers, body)


def test_a_signed_challenge_is_sent_back_and_nothing_else_of_it() -> None:
    greeting = a_receive(SLACKS, secrets=RING)(from_slack(CHALLENGE), NOW)
    assert greeting == Handshake("acme", {}, {"challenge": "3eZbrw1a"})


def test_a_forged_challenge_is_refused_like_anything_forged() -> None:
    with pytest.raises(SignatureRefused):
        a_receive(SLACKS, secrets=RING)(from_slack(CHALLENGE, key="x" * 40), NOW)


@pytest.mark.parametrize(
    "document",
    [
        {"type": "url_verification"},
        {"type": "url_verification", "challenge": 1},
        {"type": "url_verification", "challenge": ["x"]},
        {"type": "event_callback", "challenge": "x"},
        {"challenge": "x"},
    ],
)
def test_what_is_no_challenge_is_not_sent_back(document: Json) -> None:
    with pytest.raises(Malformed):
        a_receive(SLACKS, secrets=RING)(from_slack(document), NOW)


def test_a_challenge_is_a_body_like_any_other_where_none_is_expected() -> None:
    with pytest.raises(Malformed):
        a_receive()(a_delivery(body=json.dumps(CHALLENGE).encode()), NOW)


def test_a_challenge_leaves_nothing() -> None:
    table, queue = MemoryTable(), MemoryQueue()
    a_receive(SLACKS, secrets=RING, table=table, queue=queue)(from_slack(CHALLENGE), NOW)
    assert (table.writes, queue.sent) == (0, [])


def test_no_body_is_a_greeting_by_its_words_alone() -> None:
    assert isinstance(a_receive()(a_delivery(body=a_body(challenge="x")), NOW), Arrival)
