"""What deliveries are verified with: how long it is kept, when it is asked for anew, and what never becomes a call."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType

import pytest

from builders import SIGNING_SECRET
from cancellations.adapters.keyring import MAX_AGE_IN_OUTAGE_S, MAX_AGE_S, REFRESH_FLOOR_S, KeptKeyring
from cancellations.adapters.secrets import MAX_LISTED, SIGNING_SECRETS, StoredSecrets
from cancellations.errors import SecretFault, Unavailable
from cancellations.ports import Stored
from fakes import Clock

NAME = "prevail/sources/acme"
NEW, OLD = "new-" + "0123456789abcdef" * 2, "old-" + "0123456789abcdef" * 2
CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


def as_stored(secret: object) -> str:
    return json.dumps({"signing_secret": secret})


class Store:
    """Secrets Manager with a memory: versions of the secret of `acme` by stage."""

    def __init__(self, current: str | None = as_stored(NEW), previous: str | None = None) -> None:
        self.versions = {CURRENT: current, PREVIOUS: previous}
        self.fetched: list[str] = []
        self.down = False

    def fetch(self, name: str, stage: str) -> str | None:
        self.fetched.append(stage)
        if self.down:
            raise Unavailable("the store did not answer")
        return self.versions[stage] if name == NAME else None


def a_keyring(store: Store, clock: Clock | None = None) -> KeptKeyring:
    return KeptKeyring(StoredSecrets(store.fetch, SIGNING_SECRETS, "prevail"), clock or Clock())


def values(stored: tuple[Stored, ...] | None) -> list[str]:
    return [one.value for one in stored or ()]


def labels(stored: tuple[Stored, ...] | None) -> list[str]:
    return [one.label for one in stored or ()]


# ── What is stored ────────────────────────────────────────────────────────────────────────────────


def test_a_sources_secret_is_read_from_its_own_secret() -> None:
    assert a_keyring(Store(as_stored(SIGNING_SECRET))).of("acme") == (Stored("current", SIGNING_SECRET),)


def test_a_list_is_several_secrets_each_with_a_label_of_its_own() -> None:
    assert a_keyring(Store(as_stored([NEW, OLD]))).of("acme") == (
        Stored("current", NEW),
        Stored("current 2", OLD),
    )


def test_a_secret_is_in_no_text_about_it() -> None:
    assert NEW not in repr(a_keyring(Store()).of("acme"))


@pytest.mark.parametrize(
    ("stored", "cause"),
    [
        pytest.param(None, "does not exist", id="missing"),
        pytest.param("", "is not JSON", id="empty"),
        pytest.param('{"signing_secret": "hushhush', "is not JSON", id="half-written"),
        pytest.param("hushhush", "is not JSON", id="secret-alone"),
        pytest.param('"hushhush"', 'has no "signing_secret"', id="text"),
        pytest.param('["hushhush"]', 'has no "signing_secret"', id="list-alone"),
        pytest.param("null", 'has no "signing_secret"', id="null"),
        pytest.param('{"secret": "hushhush"}', 'has no "signing_secret"', id="other-field"),
        pytest.param(as_stored(""), 'has no "signing_secret"', id="empty-field"),
        pytest.param(as_stored(42), 'has no "signing_secret"', id="number"),
        pytest.param(as_stored({"hushhush": 1}), 'has no "signing_secret"', id="object"),
        pytest.param(as_stored([]), 'has no "signing_secret"', id="empty-list"),
        pytest.param(as_stored([NEW, ""]), 'has no "signing_secret"', id="list-with-an-empty-one"),
        pytest.param(as_stored([NEW, 42]), 'has no "signing_secret"', id="list-with-a-number"),
        pytest.param(as_stored([f"{n}{NEW}" for n in range(5)]), "of one text or up to 4", id="five"),
        pytest.param(as_stored("whsec_CHANGE_ME-hushhush"), "looks like a placeholder", id="placeholder"),
        pytest.param(as_stored("whsec_" + "A" * 43 + "="), "looks like a placeholder", id="zeros"),
        pytest.param(as_stored([NEW, "CHANGE_ME-hushhush"]), "looks like a placeholder", id="second-one"),
    ],
)
def test_a_secret_that_cannot_be_used_is_a_fault_that_does_not_contain_it(
    stored: str | None, cause: str
) -> None:
    with pytest.raises(SecretFault, match=f"^secret {NAME}: .*{cause}") as fault:
        a_keyring(Store(stored)).of("acme")
    assert "hushhush" not in str(fault.value)
    assert '{"signing_secret": ' in str(fault.value) or "real one" in str(fault.value)


def test_four_secrets_may_be_listed() -> None:
    listed = [f"{n}{NEW}" for n in range(MAX_LISTED)]
    assert values(a_keyring(Store(as_stored(listed))).of("acme")) == listed


# ── What is kept ──────────────────────────────────────────────────────────────────────────────────


def test_a_secret_is_asked_for_once_within_its_time() -> None:
    store, clock = Store(), Clock()
    keyring = a_keyring(store, clock)
    keyring.of("acme")
    clock.now += MAX_AGE_S - 1
    keyring.of("acme")
    assert store.fetched == [CURRENT]


def test_a_rotated_secret_is_used_after_its_time() -> None:
    store, clock = Store(as_stored(OLD)), Clock()
    keyring = a_keyring(store, clock)
    keyring.of("acme")
    store.versions[CURRENT] = as_stored(NEW)
    clock.now += MAX_AGE_S
    assert values(keyring.of("acme")) == [NEW]


def test_the_previous_version_is_not_asked_for_while_the_current_one_fits() -> None:
    store = Store(previous=as_stored(OLD))
    assert labels(a_keyring(store).of("acme")) == ["current"]
    assert store.fetched == [CURRENT]


def test_a_fault_is_kept_like_a_secret() -> None:
    store, clock = Store(None), Clock()
    keyring = a_keyring(store, clock)
    for _ in range(100):
        with pytest.raises(SecretFault):
            keyring.of("acme")
    assert store.fetched == [CURRENT]
    clock.now += MAX_AGE_S
    store.versions[CURRENT] = as_stored(NEW)
    assert values(keyring.of("acme")) == [NEW]


def test_a_kept_fault_does_not_keep_the_frames_of_all_who_have_heard_it() -> None:
    keyring = a_keyring(Store(None))
    for _ in range(100):
        with pytest.raises(SecretFault) as fault:
            keyring.of("acme")
    assert depth(fault.value.__traceback__) < 10


def depth(traceback: TracebackType | None) -> int:
    return 0 if traceback is None else 1 + depth(traceback.tb_next)


# ── What is asked anew ────────────────────────────────────────────────────────────────────────────


def test_where_nothing_fits_both_versions_are_asked_for_at_once() -> None:
    store = Store(as_stored(OLD))
    keyring = a_keyring(store)
    keyring.of("acme")
    store.versions = {CURRENT: as_stored(NEW), PREVIOUS: as_stored(OLD)}
    assert keyring.refreshed("acme") == (Stored("current", NEW), Stored("previous", OLD, spare=True))


def test_what_was_asked_anew_is_known_from_then_on() -> None:
    store = Store(previous=as_stored(OLD))
    keyring = a_keyring(store)
    keyring.refreshed("acme")
    assert labels(keyring.of("acme")) == ["current", "previous"]
    assert store.fetched == [CURRENT, PREVIOUS]


def test_a_previous_version_that_was_needed_is_asked_for_still_after_its_time() -> None:
    store, clock = Store(previous=as_stored(OLD)), Clock()
    keyring = a_keyring(store, clock)
    keyring.refreshed("acme")
    clock.now += MAX_AGE_S
    assert labels(keyring.of("acme")) == ["current", "previous"]


def test_a_previous_version_that_is_gone_is_used_no_longer() -> None:
    store, clock = Store(previous=as_stored(OLD)), Clock()
    keyring = a_keyring(store, clock)
    keyring.refreshed("acme")
    store.versions[PREVIOUS] = None
    clock.now += MAX_AGE_S
    assert labels(keyring.of("acme")) == ["current"]


def test_a_secret_that_is_in_both_versions_is_known_once() -> None:
    store = Store(as_stored([NEW, OLD]), as_stored(OLD))
    assert labels(a_keyring(store).refreshed("acme")) == ["current", "current 2"]


def test_a_list_of_previous_secrets_has_labels_of_its_own() -> None:
    store = Store(previous=as_stored([OLD, "older" + OLD]))
    assert labels(a_keyring(store).refreshed("acme")) == ["current", "previous", "previous 2"]


@pytest.mark.parametrize(
    "previous", [as_stored("CHANGE_ME"), "", "{}", as_stored([]), as_stored(42)], ids=lambda s: s or "empty"
)
def test_a_previous_version_that_cannot_be_used_does_no_harm_to_the_current_one(previous: str) -> None:
    keyring = a_keyring(Store(previous=previous))
    assert values(keyring.refreshed("acme")) == [NEW]
    assert values(keyring.of("acme")) == [NEW]


def test_a_previous_version_that_cannot_be_read_does_no_harm_to_the_current_one() -> None:
    class Rekeyed(Store):
        """The previous version is locked with a key that is no more."""

        def fetch(self, name: str, stage: str) -> str | None:
            if stage == PREVIOUS:
                raise SecretFault(name, "cannot be decrypted")
            return super().fetch(name, stage)

    assert values(a_keyring(Rekeyed()).refreshed("acme")) == [NEW]


def test_whoever_forges_is_no_reason_to_ask_more_often_than_every_few_seconds() -> None:
    store, clock = Store(), Clock()
    keyring = a_keyring(store, clock)
    keyring.refreshed("acme")
    store.fetched.clear()
    for _ in range(1000):
        keyring.of("acme")
        assert keyring.refreshed("acme") is None
    clock.now += REFRESH_FLOOR_S - 1
    assert keyring.refreshed("acme") is None
    assert store.fetched == []


def test_after_these_seconds_it_is_asked_anew() -> None:
    store, clock = Store(as_stored(OLD)), Clock()
    keyring = a_keyring(store, clock)
    keyring.refreshed("acme")
    store.versions[CURRENT] = as_stored(NEW)
    clock.now += REFRESH_FLOOR_S
    assert values(keyring.refreshed("acme")) == [NEW]


def test_one_source_that_is_forged_does_not_hold_up_another() -> None:
    keyring = KeptKeyring(lambda name, _previous: (Stored("current", name),), Clock())
    keyring.refreshed("acme")
    assert values(keyring.refreshed("globex")) == ["globex"]


def test_a_secret_that_was_mended_is_found_by_asking_anew() -> None:
    store = Store(None)
    keyring = a_keyring(store)
    with pytest.raises(SecretFault):
        keyring.of("acme")
    store.versions[CURRENT] = as_stored(NEW)
    assert values(keyring.refreshed("acme")) == [NEW]


def test_a_fault_that_is_found_by_asking_anew_is_kept() -> None:
    store = Store()
    keyring = a_keyring(store)
    keyring.of("acme")
    store.versions[CURRENT] = None
    for ask in (keyring.refreshed, keyring.of):
        with pytest.raises(SecretFault):
            ask("acme")


# ── Outages ───────────────────────────────────────────────────────────────────────────────────────


def test_an_outage_is_told_as_it_is_and_not_kept() -> None:
    store = Store()
    store.down = True
    keyring = a_keyring(store)
    with pytest.raises(Unavailable):
        keyring.of("acme")
    store.down = False
    assert values(keyring.of("acme")) == [NEW]


def test_what_is_known_is_used_through_an_outage_of_an_hour() -> None:
    store, clock = Store(), Clock()
    keyring = a_keyring(store, clock)
    keyring.of("acme")
    store.down = True
    clock.now += MAX_AGE_IN_OUTAGE_S - 1
    assert values(keyring.of("acme")) == values(keyring.refreshed("acme")) == [NEW]


def test_after_an_hour_of_outage_what_was_known_is_used_no_longer() -> None:
    store, clock = Store(), Clock()
    keyring = a_keyring(store, clock)
    keyring.of("acme")
    store.down = True
    clock.now += MAX_AGE_IN_OUTAGE_S
    for ask in (keyring.of, keyring.refreshed):
        with pytest.raises(Unavailable):
            ask("acme")


def test_a_fault_stays_a_fault_through_an_outage() -> None:
    store, clock = Store(None), Clock()
    keyring = a_keyring(store, clock)
    with pytest.raises(SecretFault):
        keyring.of("acme")
    store.down = True
    clock.now += MAX_AGE_S
    with pytest.raises(SecretFault):
        keyring.of("acme")


# ── Many at once ──────────────────────────────────────────────────────────────────────────────────


class CrowdedStore(Store):
    """A second question that reached it while the first is there would meet it at the barrier."""

    def __init__(self) -> None:
        super().__init__(previous=as_stored(OLD))
        self.met = False
        self._meeting = threading.Barrier(2)

    def fetch(self, name: str, stage: str) -> str | None:
        with suppress(threading.BrokenBarrierError):
            self._meeting.wait(timeout=0.1)
            self.met = True
        return super().fetch(name, stage)


def test_a_burst_asks_once() -> None:
    store = CrowdedStore()
    keyring = a_keyring(store)
    with ThreadPoolExecutor(8) as burst:
        found = list(burst.map(lambda _: keyring.of("acme"), range(8)))
    assert (found, store.fetched) == ([(Stored("current", NEW),)] * 8, [CURRENT])


def test_a_burst_of_what_does_not_fit_asks_anew_once_and_all_hear_the_answer() -> None:
    store = CrowdedStore()
    keyring = a_keyring(store)
    ready = threading.Barrier(8, timeout=10)

    def ask(_: int) -> list[str]:
        ready.wait()
        return values(keyring.refreshed("acme"))

    with ThreadPoolExecutor(8) as burst:
        found = list(burst.map(ask, range(8)))
    assert (store.fetched, store.met) == ([CURRENT, PREVIOUS], False)
    assert found == [[NEW, OLD]] * 8
