import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from builders import API_KEY, an_organization
from cancellations.adapters.keyring import MAX_AGE_S, KeptKeyring
from cancellations.adapters.secrets import (
    API_KEYS,
    CALLBACK_SECRETS,
    MIN_API_KEY_BYTES,
    SIGNING_SECRETS,
    Branch,
    OrganizationKeys,
    StoredSecrets,
)
from cancellations.errors import SecretFault, Unavailable
from cancellations.ports import Stored
from fakes import Clock
from signing import SECRET, SENDERS, STANDARD_SECRET

ORGANIZATION_SECRET = "prevail/organizations/acme-legal"


class Store:
    """A store of secrets with a memory; an outage is a value None of `secrets`."""

    def __init__(self, **secrets: str) -> None:
        self.secrets: dict[str, str] | None = {
            ORGANIZATION_SECRET: json.dumps({"api_key": API_KEY}),
            **secrets,
        }
        self.fetched: list[str] = []

    def fetch(self, name: str, stage: str) -> str | None:
        assert stage == "AWSCURRENT"
        self.fetched.append(name)
        if self.secrets is None:
            raise Unavailable("the store did not answer")
        return self.secrets.get(name)


def organization_keys(store: Store, clock: Clock | None = None) -> OrganizationKeys:
    stored = StoredSecrets(store.fetch, API_KEYS, "prevail")
    return OrganizationKeys(KeptKeyring(stored, clock or Clock(), keep_faults=False))


def a_store_with_key(api_key: object) -> Store:
    return Store(**{ORGANIZATION_SECRET: json.dumps({"api_key": api_key})})


def key_fault(store: Store) -> SecretFault:
    with pytest.raises(SecretFault) as fault:
        organization_keys(store).api_key(an_organization())
    return fault.value


def test_an_organizations_key_is_read_from_its_own_secret() -> None:
    assert organization_keys(Store()).api_key(an_organization()) == API_KEY


# ── Unusable secrets ──────────────────────────────────────────────────────────────────────────────


def test_a_missing_secret_is_a_fault_that_says_how_to_create_it() -> None:
    store = Store()
    store.secrets = {}
    assert str(key_fault(store)) == (
        f'secret {ORGANIZATION_SECRET}: does not exist; create it as {{"api_key": "..."}}'
    )


@pytest.mark.parametrize(
    ("secret", "cause"),
    [
        pytest.param("", "is not JSON", id="empty"),
        pytest.param('{"api_key": "hushhush', "is not JSON", id="half-written"),
        pytest.param("hushhush", "is not JSON", id="key-alone"),
        pytest.param('"hushhush"', 'has no "api_key" of one text;', id="text"),
        pytest.param('["hushhush"]', 'has no "api_key" of one text;', id="list"),
        pytest.param("null", 'has no "api_key" of one text;', id="null"),
        pytest.param('{"key": "hushhush"}', 'has no "api_key" of one text;', id="other-field"),
        pytest.param('{"api_key": ""}', 'has no "api_key" of one text;', id="empty-field"),
        pytest.param('{"api_key": 42}', 'has no "api_key" of one text;', id="number"),
        pytest.param('{"api_key": null}', 'has no "api_key" of one text;', id="null-field"),
        pytest.param('{"api_key": {"hushhush": 1}}', 'has no "api_key" of one text;', id="object"),
        pytest.param(json.dumps({"api_key": [API_KEY]}), 'has no "api_key" of one text;', id="listed"),
    ],
)
def test_a_secret_that_does_not_hold_its_field_is_a_fault(secret: str, cause: str) -> None:
    fault = str(key_fault(Store(**{ORGANIZATION_SECRET: secret})))
    assert cause in fault
    assert "hushhush" not in fault


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("CHANGE_ME_CHANGE_ME_CHANGE_ME_32", id="change-me"),
        pytest.param("changeme-changeme-changeme-changeme", id="changeme"),
        pytest.param("your-prevail-api-key-goes-in-here-ok", id="your"),
        pytest.param("this-is-only-an-example-of-a-key-0123", id="example"),
        pytest.param("<the key that Prevail gave to you here>", id="brackets"),
        pytest.param("placeholder-0123456789-0123456789", id="placeholder"),
        pytest.param("replace-this-0123456789-0123456789", id="replace"),
        pytest.param("dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==", id="zendesks-own"),
        pytest.param("k" * 40, id="one-letter"),
        pytest.param("abcdefg" * 6, id="seven-letters"),
    ],
)
def test_a_placeholder_is_a_fault(key: str) -> None:
    assert "looks like a placeholder" in str(key_fault(a_store_with_key(key)))


def spoiled(secret: str) -> dict[str, tuple[str, str]]:
    """What copying and editors make of a secret, and what the fault says of it."""
    middle = len(secret) // 2
    return {
        "space-before": (" " + secret, "has white space around it; store the secret alone"),
        "space-after": (secret + " ", "has white space around it"),
        "spaces-alone": ("   ", "has white space around it"),
        "line-end": (secret + "\n", "has a line break at its end; store the secret without it"),
        "windows-line-end": (secret + "\r\n", "has a line break at its end"),
        "line-before": ("\n" + secret, "has a line break at its beginning"),
        "line-inside": (secret[:middle] + "\n" + secret[middle:], "has a line break inside"),
        "lines-alone": ("\n\n", "has a line break at its beginning"),
        "tab": (secret + "\t", "has a tab at its end"),
        "no-break-space": (secret + "\u00a0", "has a no-break space at its end"),
        "no-break-space-before": ("\u00a0" + secret, "has a no-break space at its beginning"),
        "ideographic-space": (secret + "\u3000", "has an invisible character at its end"),
        "byte-order-mark": ("\ufeff" + secret, "has a byte order mark at its beginning"),
        "byte-order-mark-inside": (
            secret[:middle] + "\ufeff" + secret[middle:],
            "has a byte order mark inside",
        ),
        "zero-width-space": (
            secret[:middle] + "\u200b" + secret[middle:],
            "has an invisible character inside",
        ),
        "soft-hyphen": (secret[:middle] + "\u00ad" + secret[middle:], "has an invisible character inside"),
        "turned-round": ("\u202e" + secret, "has an invisible character at its beginning"),
        "nul": (secret + "\x00", "has an invisible character at its end"),
        "surrogate": (secret + "\ud800", "has an invisible character at its end"),
        "quotes": (f'"{secret}"', "has quotation marks around it; store the text between them"),
        "single-quotes": (f"'{secret}'", "has quotation marks around it"),
        "typographic-quotes": (f"\u201c{secret}\u201d", "has quotation marks around it"),
        "low-quotes": (f"\u201e{secret}\u201c", "has quotation marks around it"),
        "typographic-single-quotes": (f"\u2018{secret}\u2019", "has quotation marks around it"),
        "guillemets": (f"\u00ab{secret}\u00bb", "has quotation marks around it"),
        "backticks": (f"`{secret}`", "has quotation marks around it"),
        "escaped-quotes": (f'\\"{secret}\\"', "has quotation marks around it"),
        "quotes-alone": ('""', "has quotation marks around it"),
    }


@pytest.mark.parametrize(("key", "fault"), spoiled(API_KEY).values(), ids=spoiled(API_KEY))
def test_a_key_that_was_spoiled_in_copying_is_a_fault(key: str, fault: str) -> None:
    assert f'"api_key" {fault}' in str(key_fault(a_store_with_key(key)))


def test_a_key_with_a_space_inside_is_a_fault() -> None:
    key = API_KEY[:9] + " " + API_KEY[9:]
    assert "has white space inside it; store the key alone" in str(key_fault(a_store_with_key(key)))


# ── Signing secrets, whatever they are for ────────────────────────────────────────────────────────


def signing_secret(value: object, branch: Branch = SIGNING_SECRETS) -> tuple[Stored, ...]:
    return branch.secrets_in("acme", json.dumps({"signing_secret": value}), "current")


@pytest.mark.parametrize("branch", [SIGNING_SECRETS, CALLBACK_SECRETS], ids=["signing", "callback"])
@pytest.mark.parametrize("how", spoiled(SECRET))
@pytest.mark.parametrize("preset", SENDERS)
def test_a_secret_that_was_spoiled_in_copying_is_a_fault(preset: str, how: str, branch: Branch) -> None:
    """Or its every delivery would hear 401, for ever and without a cause."""
    secret = SENDERS[preset].secret
    value, cause = spoiled(secret)[how]
    with pytest.raises(SecretFault) as fault:
        signing_secret(value, branch)
    assert f'"signing_secret" {cause}' in str(fault.value)
    assert secret not in str(fault.value)


@pytest.mark.parametrize("preset", SENDERS)
def test_a_secret_as_its_sender_issues_it_is_no_fault(preset: str) -> None:
    assert [one.value for one in signing_secret(SENDERS[preset].secret)] == [SENDERS[preset].secret]


def test_one_spoiled_secret_of_a_list_is_a_fault() -> None:
    with pytest.raises(SecretFault, match="a line break at its end"):
        signing_secret([SECRET, SECRET[::-1] + "\n"])


@pytest.mark.parametrize("written", ["v1,whsec_", "v1a,whpk_", "v1,whpk_", "v1a,whsk_"])
def test_a_version_before_a_secret_is_a_fault(written: str) -> None:
    """Supabase shows its hooks' secrets so."""
    with pytest.raises(
        SecretFault, match='begins with a version and a comma; store it from "whsec_"'
    ) as fault:
        signing_secret(written + STANDARD_SECRET.removeprefix("whsec_"))
    assert STANDARD_SECRET.removeprefix("whsec_") not in str(fault.value)


@pytest.mark.parametrize(
    "secret",
    [
        "correct horse battery staple 4711",
        "firm:pass word with spaces 0123456789",
        '"begins-with-a-quote-0123456789abcdef',
        "ends-with-a-quote-0123456789abcdef'",
        "inside'of\"it-0123456789abcdef",
        "Grüße-aus-Köln-0123456789abcdef",
        "v1,0123456789abcdef0123456789abcdef",
    ],
)
def test_a_secret_may_hold_any_other_sign(secret: str) -> None:
    assert [one.value for one in signing_secret(secret)] == [secret]


def test_a_byte_order_mark_before_the_json_is_skipped() -> None:
    stored = "\ufeff" + json.dumps({"signing_secret": SECRET})
    assert [one.value for one in SIGNING_SECRETS.secrets_in("acme", stored, "current")] == [SECRET]


@pytest.mark.parametrize("stored", ["\ufeff\ufeff{}", "\ufeff", "\ufeff" + SECRET])
def test_a_byte_order_mark_before_anything_else_is_no_json(stored: str) -> None:
    with pytest.raises(SecretFault, match="is not JSON"):
        SIGNING_SECRETS.secrets_in("acme", stored, "current")


@pytest.mark.parametrize("end", ["", "\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----"])
def test_a_pem_key_is_a_fault(end: str) -> None:
    assert key_fault(a_store_with_key("-----BEGIN PUBLIC KEY-----0123456789" + end))


def test_the_fault_of_a_pem_key_says_that_it_is_one() -> None:
    fault = key_fault(
        a_store_with_key("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQ\n-----END PUBLIC KEY-----")
    )
    assert "PEM" in str(fault)


@pytest.mark.parametrize("key", [API_KEY[:-1], "short-key"])
def test_a_key_shorter_than_the_signature_is_a_fault(key: str) -> None:
    assert f"at least {MIN_API_KEY_BYTES} are needed" in str(key_fault(a_store_with_key(key)))


@pytest.mark.parametrize(
    "key",
    [
        " 0123456789abcdef0123456789abcdef",
        "-----BEGIN PUBLIC KEY-----0123456789",
        "CHANGE_ME_0123456789abcdef0123456789",
        "0123456789abcdef",
    ],
)
def test_no_fault_contains_the_key(key: str) -> None:
    assert key.strip() not in str(key_fault(a_store_with_key(key)))


def test_a_real_key_may_hold_any_sign() -> None:
    key = "p7<Qz!v9@Lm#2xR$8tW%4yU^6iO&1aS*3d"
    assert organization_keys(a_store_with_key(key)).api_key(an_organization()) == key


# ── Time ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_secret_is_fetched_once_within_its_time() -> None:
    store, clock = Store(), Clock()
    keys = organization_keys(store, clock)
    keys.api_key(an_organization())
    clock.now += 299
    keys.api_key(an_organization())
    assert store.fetched == [ORGANIZATION_SECRET]


def test_a_rotated_secret_is_used_after_its_time() -> None:
    store, clock = Store(), Clock()
    keys = organization_keys(store, clock)
    keys.api_key(an_organization())
    assert store.secrets is not None
    store.secrets[ORGANIZATION_SECRET] = json.dumps({"api_key": API_KEY[::-1]})
    clock.now += 300
    assert keys.api_key(an_organization()) == API_KEY[::-1]


def test_a_forgotten_key_is_fetched_anew() -> None:
    store = Store()
    keys = organization_keys(store)
    keys.api_key(an_organization())
    keys.forget(an_organization())
    keys.api_key(an_organization())
    assert store.fetched == [ORGANIZATION_SECRET] * 2


def test_forgetting_one_key_keeps_the_others() -> None:
    store = Store(**{"prevail/organizations/other": json.dumps({"api_key": API_KEY})})
    keys = organization_keys(store)
    keys.api_key(an_organization())
    keys.forget(an_organization(secret="other"))
    keys.api_key(an_organization())
    assert store.fetched == [ORGANIZATION_SECRET]


def test_a_fault_is_not_kept() -> None:
    store = Store(**{ORGANIZATION_SECRET: "{}"})
    keys = organization_keys(store)
    with pytest.raises(SecretFault):
        keys.api_key(an_organization())
    assert store.secrets is not None
    store.secrets[ORGANIZATION_SECRET] = json.dumps({"api_key": API_KEY})
    assert keys.api_key(an_organization()) == API_KEY


def test_a_key_that_was_found_unusable_is_not_used_in_an_outage() -> None:
    store, clock = Store(), Clock()
    keys = organization_keys(store, clock)
    keys.api_key(an_organization())
    clock.now += MAX_AGE_S
    store.secrets = {ORGANIZATION_SECRET: "{}"}
    with pytest.raises(SecretFault):
        keys.api_key(an_organization())
    store.secrets = None
    with pytest.raises(Unavailable):
        keys.api_key(an_organization())


def test_a_burst_asks_the_store_once() -> None:
    """A second call that reached the store while the first is there would meet it at the barrier."""
    store, meeting = Store(), threading.Barrier(2)

    def fetch(name: str, stage: str) -> str | None:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=0.1)
        return store.fetch(name, stage)

    keys = OrganizationKeys(KeptKeyring(StoredSecrets(fetch, API_KEYS, "prevail"), Clock()))
    with ThreadPoolExecutor(8) as burst:
        found = set(burst.map(lambda _: keys.api_key(an_organization()), range(8)))
    assert (found, store.fetched) == ({API_KEY}, [ORGANIZATION_SECRET])


def test_an_outage_of_the_store_is_told_as_it_is_and_not_kept() -> None:
    store = Store()
    healthy, store.secrets = store.secrets, None
    keys = organization_keys(store)
    with pytest.raises(Unavailable):
        keys.api_key(an_organization())
    store.secrets = healthy
    assert keys.api_key(an_organization()) == API_KEY
