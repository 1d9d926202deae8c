"""A signing secret that has leaked: one `put-secret-value` ends the version before it, in every process."""

import json

import pytest

from cancellations.adapters.keyring import MAX_AGE_S, REFRESH_FLOOR_S, KeptKeyring
from cancellations.adapters.secrets import API_KEYS, CALLBACK_SECRETS, SIGNING_SECRETS, Branch, StoredSecrets
from cancellations.errors import SecretFault
from fakes import Clock
from unit.test_keyring import CURRENT, NEW, OLD, PREVIOUS, Store, a_keyring, as_stored, values

REVOKING = json.dumps({"signing_secret": NEW, "previous_version": "refuse"})


def test_a_revoked_version_is_not_even_asked_for() -> None:
    store = Store(REVOKING, as_stored(OLD))
    assert values(a_keyring(store).refreshed("acme")) == [NEW]
    assert store.fetched == [CURRENT]


@pytest.mark.parametrize("needed", [False, True], ids=["as the current one", "as the previous one"])
def test_a_process_that_knows_the_revoked_version_forgets_it_in_time(needed: bool) -> None:
    """Though it hears nothing that would make it ask again before its time."""
    store, clock = Store(as_stored(OLD)), Clock()
    keyring = a_keyring(store, clock)
    keyring.of("acme")
    if needed:
        store.versions = {CURRENT: as_stored(NEW), PREVIOUS: as_stored(OLD)}
        assert values(keyring.refreshed("acme")) == [NEW, OLD]
    store.versions = {CURRENT: REVOKING, PREVIOUS: as_stored(OLD)}
    clock.now += MAX_AGE_S - 1
    assert OLD in values(keyring.of("acme"))
    clock.now += 1
    assert values(keyring.of("acme")) == [NEW]
    clock.now += REFRESH_FLOOR_S
    assert values(keyring.refreshed("acme")) == [NEW]


def test_the_rotation_after_a_revocation_keeps_its_previous_version() -> None:
    store = Store(as_stored("newest-" + NEW), REVOKING)
    assert values(a_keyring(store).refreshed("acme")) == ["newest-" + NEW, NEW]


@pytest.mark.parametrize("written", ["refused", "", None, True, ["refuse"]])
def test_a_revocation_in_other_words_is_a_fault(written: object) -> None:
    """It must not be passed over: somebody believes that the old secret is dead."""
    stored = json.dumps({"signing_secret": NEW, "previous_version": written})
    with pytest.raises(SecretFault, match='"previous_version" is not "refuse"'):
        a_keyring(Store(stored)).of("acme")


def test_unknown_keys_are_a_fault_for_a_check_alone() -> None:
    stored = json.dumps({"signing_secret": NEW, "previuos_version-hushhush": "refuse"})
    assert values(a_keyring(Store(stored)).of("acme")) == [NEW]
    strict = StoredSecrets(Store(stored).fetch, SIGNING_SECRETS, "prevail", strict=True)
    with pytest.raises(SecretFault, match='has keys other than "signing_secret" and') as fault:
        strict("acme", False)  # noqa: FBT003 - a keyring asks so
    assert "hushhush" not in str(fault.value)


@pytest.mark.parametrize("branch", [API_KEYS, CALLBACK_SECRETS], ids=lambda branch: branch.name)
def test_previous_api_keys_and_callback_secrets_are_never_asked_for(branch: Branch) -> None:
    """Their rings are never refreshed, and without that nobody asks for a previous version."""
    fetched: list[str] = []

    def fetch(_name: str, stage: str) -> str:
        fetched.append(stage)
        return json.dumps({branch.field: NEW})

    clock = Clock()
    keyring = KeptKeyring(StoredSecrets(fetch, branch, "prevail"), clock, keep_faults=False)
    for _ in range(3):
        keyring.of("acme")
        keyring.forget("acme")
        keyring.of("acme")
        clock.now += MAX_AGE_S
    assert set(fetched) == {CURRENT}
