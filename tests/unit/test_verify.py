"""Who sent this: which keys are tried, when they are asked for anew, and that nobody can tell strangers apart."""

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from jwt.algorithms import RSAAlgorithm

from builders import KEY, NOW, SIGNING_SECRET, a_bus_source, a_delivery, a_source, a_verify
from cancellations.configuration import Source
from cancellations.domain import Delivery, Json
from cancellations.errors import (
    ConfigurationError,
    Malformed,
    Refusal,
    SecretFault,
    SignatureRefused,
    Unavailable,
)
from cancellations.ports import Keyring, Stored
from cancellations.source import strict_json
from cancellations.source.presets import STANDARD_WEBHOOKS
from cancellations.source.proof import KeySetFile, KeySetUrl, Proof, Secret
from cancellations.source.verification import key_sets
from cancellations.source.verification.bearer import Bearer
from cancellations.verify import STRANGER, Known, faults_of
from fakes import KnownKeys

OTHER_KEY = KEY[::-1]
OTHER_SECRET = "whsec_" + base64.b64encode(OTHER_KEY).decode()
FORGED = a_delivery(key=bytes(32))


class Silent(KnownKeys):
    """A ring behind which nobody answers."""

    def of(self, name: str) -> tuple[Stored, ...]:
        raise Unavailable(f"no answer for {name}")


class Listed(KnownKeys):
    def of(self, name: str) -> tuple[Stored, ...]:
        return (*super().of(name), Stored("current 2", OTHER_SECRET))


def verified(source: Source | None, delivery: Delivery, ring: Keyring | None = None) -> Known:
    return a_verify(ring)(source, delivery, NOW)


def refused(source: Source | None, delivery: Delivery, ring: Keyring | None = None) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        verified(source, delivery, ring)
    return refusal.value


# ── Sources that we know ──────────────────────────────────────────────────────────────────────────


def test_a_delivery_is_known_by_the_key_that_it_is_signed_with() -> None:
    assert verified(a_source(), a_delivery()) == Known("current")


def test_a_key_that_fits_is_not_asked_for_anew() -> None:
    ring = KnownKeys({"acme": SIGNING_SECRET})
    verified(a_source(), a_delivery(), ring)
    assert ring.asked == [("of", "acme")]


def test_each_secret_of_a_list_is_tried_and_named() -> None:
    ring = Listed({"acme": SIGNING_SECRET})
    assert verified(a_source(), a_delivery(key=OTHER_KEY), ring) == Known("current 2")


def test_what_the_previous_secret_has_signed_is_taken_and_says_so() -> None:
    ring = KnownKeys({"acme": SIGNING_SECRET}, previous={"acme": OTHER_SECRET})
    assert verified(a_source(), a_delivery(key=OTHER_KEY), ring) == Known("previous")
    assert ring.asked == [("of", "acme"), ("refreshed", "acme")]


def test_a_key_that_is_stored_anew_is_used_at_once() -> None:
    class Rotated(KnownKeys):
        def refreshed(self, name: str) -> tuple[Stored, ...] | None:
            self.current[name] = OTHER_SECRET
            return super().refreshed(name)

    assert verified(a_source(), a_delivery(key=OTHER_KEY), Rotated({"acme": SIGNING_SECRET}))


def test_where_the_ring_was_asked_a_moment_ago_the_refusal_stands() -> None:
    ring = KnownKeys({"acme": SIGNING_SECRET}, previous={"acme": OTHER_SECRET}, asks_anew=False)
    assert isinstance(refused(a_source(), a_delivery(key=OTHER_KEY), ring), SignatureRefused)


def test_what_is_authentic_but_has_two_readings_is_no_reason_to_ask_anew() -> None:
    ring = KnownKeys({"acme": SIGNING_SECRET})
    assert isinstance(refused(a_source(), a_delivery(message_id="msg.1"), ring), Malformed)
    assert ring.asked == [("of", "acme")]


def test_a_source_is_verified_with_its_own_secret_and_no_other() -> None:
    ring = KnownKeys({"acme": SIGNING_SECRET, "globex": OTHER_SECRET})
    delivery = a_delivery(source="globex", key=KEY)
    assert isinstance(refused(a_source(name="globex"), delivery, ring), SignatureRefused)


# ── Secrets that cannot be used ───────────────────────────────────────────────────────────────────


def test_a_missing_secret_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(SecretFault):
        verified(a_source(), a_delivery(), KnownKeys())


def test_a_missing_secret_that_is_stored_meanwhile_is_used() -> None:
    class Mended(KnownKeys):
        def refreshed(self, name: str) -> tuple[Stored, ...] | None:
            self.current[name] = SIGNING_SECRET
            return super().refreshed(name)

    assert verified(a_source(), a_delivery(), Mended()) == Known("current")


@pytest.mark.parametrize("secret", ["hushhush", "whsec_hushhush", "whsec_hush hush!"])
def test_an_unusable_secret_is_a_fault_that_names_it_and_does_not_contain_it(secret: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^secret acme, current: (must|holds) ") as fault:
        verified(a_source(), a_delivery(), KnownKeys({"acme": secret}))
    assert "hush" not in str(fault.value)


@pytest.mark.parametrize("key", [KEY, OTHER_KEY], ids=["signed", "forged"])
def test_an_unusable_previous_secret_does_no_harm_to_the_current_one(key: bytes) -> None:
    class WithSpare(KnownKeys):
        def of(self, name: str) -> tuple[Stored, ...]:
            return (Stored("previous", "short", spare=True), *super().of(name))

    ring = WithSpare({"acme": SIGNING_SECRET}, asks_anew=False)
    try:
        known = verified(a_source(), a_delivery(key=key), ring)
    except SignatureRefused:
        known = None
    assert known == (Known("current") if key == KEY else None)


def test_an_outage_is_told_as_it_is() -> None:
    with pytest.raises(Unavailable):
        verified(a_source(), a_delivery(), Silent())


# ── Public keys ───────────────────────────────────────────────────────────────────────────────────

URL = "https://login.example.com/keys"
PRIVATE_KEY = generate_private_key(65537, 2048)
KEY_SET = json.dumps({"keys": [RSAAlgorithm.to_jwk(PRIVATE_KEY.public_key(), as_dict=True)]})


def a_token(**claims: Any) -> Delivery:  # noqa: ANN401 - whatever a token says
    token = jwt.encode({"exp": NOW + 60, **claims}, PRIVATE_KEY, "RS256")
    return a_delivery(headers={"authorization": f"Bearer {token}"})


def test_keys_beside_the_configuration_are_used_and_nobody_is_asked() -> None:
    ring = KnownKeys()
    source = a_source(proof=Proof(Bearer("RS256"), KeySetFile(KEY_SET)))
    assert verified(source, a_token(jti="1"), ring) == Known("key set", {"exp": NOW + 60, "jti": "1"})
    assert ring.asked == []


@pytest.mark.parametrize("rotated", [False, True])
def test_keys_at_an_address_are_asked_for_by_it_and_anew_where_none_fits(*, rotated: bool) -> None:
    class KeySets(KnownKeys):
        def refreshed(self, name: str) -> tuple[Stored, ...] | None:
            self.current[name] = KEY_SET
            return super().refreshed(name)

    other = json.dumps(
        {"keys": [RSAAlgorithm.to_jwk(generate_private_key(65537, 2048).public_key(), as_dict=True)]}
    )
    secrets, key_sets = KnownKeys(), KeySets({URL: other if rotated else KEY_SET})
    source = a_source(proof=Proof(Bearer("RS256"), KeySetUrl(URL)))
    assert a_verify(secrets, key_sets)(source, a_token(), NOW).claims == {"exp": NOW + 60}
    assert key_sets.asked == [("of", URL), *([("refreshed", URL)] if rotated else [])]
    assert secrets.asked == []


def test_a_key_set_is_read_once_however_many_tokens_it_verifies(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    loads = strict_json.loads

    def counted(document: bytes) -> Json:
        read.append(document)
        return loads(document)

    monkeypatch.setattr(strict_json, "loads", counted)
    own = json.dumps({**json.loads(KEY_SET), "of": "this test alone"})
    source = a_source(proof=Proof(Bearer("RS256"), KeySetFile(own)))
    for _ in range(3):
        verified(source, a_token())
    assert read.count(own.encode()) == 1


def test_one_text_makes_another_key_under_another_scheme() -> None:
    """The same 44 characters: base64 of a key under one scheme, the key itself under the other."""
    text = SIGNING_SECRET.removeprefix("whsec_")
    bare, ring = (
        a_source(proof=Proof(replace(STANDARD_WEBHOOKS, key="text"), Secret("acme"))),
        KnownKeys({"acme": text}),
    )
    assert verified(a_source(), a_delivery(), ring) == Known("current")
    assert isinstance(refused(bare, a_delivery(), ring), SignatureRefused)


# ── Strangers ─────────────────────────────────────────────────────────────────────────────────────

STRANGERS: dict[str, Source | None] = {"unknown": None, "on-the-bus": a_bus_source()}
of_strangers = pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)


@of_strangers
@pytest.mark.parametrize(
    "key",
    [KEY, OTHER_KEY, bytes(32), b"known to nobody, as in a process"],
    ids=["of-a-source", "of-another", "of-zeros", "nobodys"],
)
def test_no_key_makes_a_stranger_known(stranger: Source | None, key: bytes) -> None:
    ring = KnownKeys({"acme": SIGNING_SECRET, "globex": OTHER_SECRET, "on-the-bus": SIGNING_SECRET})
    assert isinstance(refused(stranger, a_delivery(source="on-the-bus", key=key), ring), SignatureRefused)


@of_strangers
def test_no_secret_makes_a_stranger_known_even_under_the_name_that_it_is_verified_with(
    stranger: Source | None,
) -> None:
    ring = KnownKeys({str(STRANGER.keys).removeprefix("secret "): SIGNING_SECRET})
    assert isinstance(refused(stranger, a_delivery(), ring), SignatureRefused)


@of_strangers
@pytest.mark.parametrize("asks_anew", [True, False])
def test_a_stranger_makes_the_ring_take_the_same_steps_as_a_source(
    stranger: Source | None, *, asks_anew: bool
) -> None:
    steps = []
    for source in (a_source(), stranger):
        ring = KnownKeys({"acme": SIGNING_SECRET}, asks_anew=asks_anew)
        refused(source, FORGED, ring)
        steps.append([question for question, _ in ring.asked])
    assert steps == [["of", "refreshed"]] * 2


@of_strangers
def test_a_stranger_costs_the_same_work_as_a_forged_signature(
    monkeypatch: pytest.MonkeyPatch, stranger: Source | None
) -> None:
    digests: list[int] = []
    digest: Callable[..., bytes] = hmac.digest

    def counted(key: bytes, message: bytes, algorithm: str) -> bytes:
        digests.append(len(message))
        return digest(key, message, algorithm)

    monkeypatch.setattr(hmac, "digest", counted)
    for source in (a_source(), stranger):
        refused(source, FORGED, KnownKeys({"acme": SIGNING_SECRET}, asks_anew=False))
    assert len(digests) == 2
    assert digests[0] == digests[1]


@of_strangers
def test_an_outage_is_told_to_strangers_as_to_sources(stranger: Source | None) -> None:
    with pytest.raises(Unavailable):
        verified(stranger, FORGED, Silent())


def test_what_a_stranger_is_verified_with_is_what_most_sources_have() -> None:
    assert STRANGER.scheme == STANDARD_WEBHOOKS


# ── The layer for public keys ─────────────────────────────────────────────────────────────────────


def test_whoever_verifies_says_at_once_what_it_cannot_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    source = a_source(proof=Proof(Bearer("RS256"), KeySetFile('{"keys": []}')))
    monkeypatch.setattr(key_sets, "algorithms", dict)
    (fault,) = faults_of([source, a_source()])
    assert fault.startswith("source acme: its key set is for RS256; `cancelctl public-keys`")


def test_a_source_that_can_be_verified_is_no_fault() -> None:
    assert faults_of([a_source(), a_bus_source()]) == []
