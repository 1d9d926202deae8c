import hmac
import json
from collections.abc import Callable

import pytest

from builders import KEY, NOW, SIGNING_SECRET, a_body, a_bus_source, a_delivery, a_receive, a_source
from cancellations.adapters import http_api
from cancellations.admission import Received
from cancellations.domain import Delivery
from cancellations.errors import (
    ConfigurationError,
    Malformed,
    Refusal,
    SignatureRefused,
    TooLarge,
    UnsupportedBody,
)
from cancellations.receive import Arrival, Receive
from fakes import KnownKeys, MemoryQueue, MemoryTable

ZEROS = bytes(32)

FORGED = {
    "other-key": a_delivery(key=KEY[::-1]),
    "other-body": Delivery("acme", a_delivery().headers, a_body(reason="other")),
    "no-signature": a_delivery(headers={"webhook-signature": None}),
    "not-ascii": a_delivery(headers={"webhook-signature": "v1,é"}),
    "old": a_delivery(timestamp=NOW - 301),
    "odd-time": a_delivery(headers={"webhook-timestamp": "NaN"}),
}


def is_received(receive: Receive, delivery: Delivery) -> bool:
    arrival = receive(delivery, NOW)
    return isinstance(arrival, Arrival) and [type(result) for result in arrival.results] == [Received]


def refusal_of(receive: Receive, delivery: Delivery) -> Refusal:
    with pytest.raises(Refusal) as refused:
        receive(delivery, NOW)
    return refused.value


# ── Refusals look alike ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("source", ["acme", "nobody", "on-the-bus", "ACME", ""])
def test_every_refusal_is_the_same_exception_and_the_same_bytes(source: str, forged: Delivery) -> None:
    receive = a_receive(a_source(), a_bus_source())
    refused = refusal_of(receive, Delivery(source, forged.headers, forged.body))
    expected = http_api.response_to(SignatureRefused("any"))
    assert type(refused) is SignatureRefused
    assert json.dumps(http_api.response_to(refused)) == json.dumps(expected)


@pytest.mark.parametrize("source", ["nobody", "on-the-bus"])
@pytest.mark.parametrize("key", [KEY, ZEROS], ids=["known-key", "key-of-zeros"])
def test_no_key_opens_a_source_without_a_secret(source: str, key: bytes) -> None:
    receive = a_receive(a_source(), a_bus_source())
    assert isinstance(refusal_of(receive, a_delivery(source=source, key=key)), SignatureRefused)


def test_the_stand_in_key_does_not_tell_unknown_sources_apart() -> None:
    delivery = a_delivery(source="nobody", message_id="msg.1", key=ZEROS)
    assert isinstance(refusal_of(a_receive(), delivery), SignatureRefused)


def test_an_unknown_source_costs_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    digests: list[int] = []
    digest: Callable[..., bytes] = hmac.digest

    def counted(key: bytes, message: bytes, algorithm: str) -> bytes:
        digests.append(len(message))
        return digest(key, message, algorithm)

    monkeypatch.setattr(hmac, "digest", counted)
    forged = a_delivery(key=KEY[::-1])
    digests.clear()
    receive = a_receive(secrets=KnownKeys({"acme": SIGNING_SECRET}, asks_anew=False))
    refusal_of(receive, forged)
    refusal_of(receive, Delivery("nobody", forged.headers, forged.body))
    assert digests == [digests[0]] * 2


# ── Secrets ───────────────────────────────────────────────────────────────────────────────────────


def test_a_missing_secret_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(ConfigurationError):
        a_receive(secrets=KnownKeys({}))(a_delivery(), NOW)


@pytest.mark.parametrize("secret", ["hushhush", "whsec_hushhush", "whsec_hush hush!"])
def test_an_unusable_secret_is_a_fault_that_does_not_contain_it(secret: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^secret acme, current: ") as fault:
        a_receive(secrets=KnownKeys({"acme": secret}))(a_delivery(), NOW)
    assert "hush" not in str(fault.value)


# ── Bodies ────────────────────────────────────────────────────────────────────────────────────────


def test_a_body_of_the_greatest_size_is_received() -> None:
    body = a_body().ljust(256 * 1024)
    assert is_received(a_receive(), a_delivery(body=body))


@pytest.mark.parametrize("key", [KEY, KEY[::-1]], ids=["signed", "forged"])
def test_a_larger_body_is_refused_before_anything_else(key: bytes) -> None:
    body = a_body().ljust(256 * 1024 + 1)
    assert isinstance(refusal_of(a_receive(), a_delivery(body=body, key=key)), TooLarge)


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity, gzip", "x"])
def test_a_compressed_body_is_refused(encoding: str) -> None:
    delivery = a_delivery(headers={"content-encoding": encoding})
    assert isinstance(refusal_of(a_receive(), delivery), UnsupportedBody)


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json5",
        "application/jsonl",
        "text/plain; application/json",
        "application/json; charset=utf-7",
        "application/json; charset=utf-16",
        "application/json; charset=utf-7; was=utf-8",
    ],
)
def test_a_body_of_another_kind_is_refused(content_type: str) -> None:
    delivery = a_delivery(headers={"content-type": content_type})
    assert isinstance(refusal_of(a_receive(), delivery), UnsupportedBody)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/cloudevents+json",
        "application/cloudevents+json; charset=utf-8",
        "application/cloudevents+json ;charset=utf-8",
        "application/cloudevents+JSON",
    ],
)
def test_json_is_received_under_each_of_its_names(content_type: str | None) -> None:
    delivery = a_delivery(headers={"content-type": content_type})
    try:
        received = is_received(a_receive(), delivery)
    except UnsupportedBody:
        received = False
    assert received


@pytest.mark.parametrize("header", ["content-type", "content-encoding"])
def test_a_forged_body_of_another_kind_is_refused_for_its_signature(header: str) -> None:
    delivery = a_delivery(key=KEY[::-1], headers={header: "gzip"})
    assert isinstance(refusal_of(a_receive(), delivery), SignatureRefused)


@pytest.mark.parametrize("body", [b"", b"not json", b"{}", b"[]", b'{"a": 1, "a": 1}'])
def test_a_signed_body_that_asks_for_nothing_is_malformed_and_leaves_nothing(body: bytes) -> None:
    table, queue = MemoryTable(), MemoryQueue()
    receive = a_receive(table=table, queue=queue)
    assert isinstance(refusal_of(receive, a_delivery(body=body)), Malformed)
    assert (table.items, queue.sent) == ({}, [])


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_forged_delivery_leaves_nothing(forged: Delivery) -> None:
    table, queue = MemoryTable(), MemoryQueue()
    refusal_of(a_receive(table=table, queue=queue), forged)
    assert (table.writes, queue.sent) == (0, [])
