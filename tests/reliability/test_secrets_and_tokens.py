"""Keys and tokens: rows 38 and 67 to 73 of the fault matrix, with the adapter of secrets over a store in memory.

| row | what of it is held elsewhere | by |
|---|---|---|
| 69 | a burst asks the store once | `test_a_burst_asks_the_store_once` |
| 70 | every shape of a bad secret, and that no fault repeats it | `test_no_fault_contains_the_key` |
| 69, 72 | every refusal of the store, and whether it lasts | `tests/unit/test_secrets_manager.py` |
| 71 | inbound: current and previous | `test_where_nothing_fits_both_versions_are_asked_for_at_once` |
"""

import heapq
import json
from typing import TYPE_CHECKING, cast

import pytest
from botocore.exceptions import ClientError

from builders import API_KEY
from cancellations import sentences
from cancellations.adapters.aws import SecretsManager
from cancellations.adapters.keyring import MAX_AGE_IN_OUTAGE_S, MAX_AGE_S, KeptKeyring
from cancellations.adapters.secrets import API_KEYS, Fetch, OrganizationKeys, StoredSecrets
from cancellations.errors import Unavailable
from cancellations.permits import KEY_AGAIN_S
from cancellations.protocol import session_key
from cancellations.settlement import Postponed
from cancellations.token import LIFETIME_S
from reliability.scene import Scene
from stage import OTHER_KEY

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

NAME = "prevail/organizations/acme"
HELD = "held"


def kept(fetch: Fetch, scene: Scene) -> OrganizationKeys:
    stored = StoredSecrets(fetch, API_KEYS, "prevail")
    return OrganizationKeys(KeptKeyring(stored, scene.clock, keep_faults=False))


class Store:
    """One secret as it stands, None where there is none; `down` is an outage."""

    def __init__(self, scene: Scene, secret: str | None) -> None:
        self.secret, self.down, self.fetched = secret, False, 0
        scene.keys = kept(self.fetch, scene)

    def fetch(self, name: str, stage: str) -> str | None:
        assert (name, stage) == (NAME, "AWSCURRENT")
        self.fetched += 1
        if self.down:
            raise Unavailable("the store did not answer")
        return self.secret


def holding(api_key: str) -> str:
    return json.dumps({"api_key": api_key})


# ── A key that Prevail refuses ────────────────────────────────────────────────────────────────────


def rotated(scene: Scene, store: Store) -> None:
    """At Prevail and in the store, while a process still keeps the key of before."""
    scene.settled(scene.asked("s-before"))
    scene.emulator.put_organization("acme", api_key=OTHER_KEY)
    store.secret = holding(OTHER_KEY)


def test_row_38_a_key_that_was_just_rotated_is_fetched_once_and_tried_once(scene: Scene) -> None:
    store = Store(scene, holding(API_KEY))
    rotated(scene, store)
    request = scene.asked("s-1")
    assert scene.settled(request).status == "canceled"
    assert (scene.counted(request), store.fetched) == ((2, 1), 2)


def test_row_38_a_second_401_holds_the_request(scene: Scene) -> None:
    store = Store(scene, holding(API_KEY))
    rotated(scene, store)
    scene.emulator.put_faults({"fault": "401", "count": 3})
    request = scene.asked("s-1")
    assert scene.waits(request).status == HELD
    assert scene.counted(request) == (2, 0)
    assert scene.methods()[-3:] == ["PATCH", "PATCH", "GET"]


def test_row_38_while_a_refused_key_stays_nobody_is_called(scene: Scene) -> None:
    Store(scene, holding(API_KEY))
    scene.emulator.put_faults({"fault": "key"})
    requests = [scene.asked(f"s-{n}") for n in range(5)]
    assert {scene.waits(request).status for request in requests} == {HELD}
    assert scene.methods() == ["PATCH", "GET"]


def test_row_38_when_the_secret_changes_what_was_held_goes_on(scene: Scene) -> None:
    store = Store(scene, holding(API_KEY))
    scene.emulator.put_faults({"fault": "key"})
    request = scene.asked("s-1")
    scene.waits(request)
    scene.emulator.put_organization("acme", api_key=OTHER_KEY)
    store.secret = holding(OTHER_KEY)
    assert scene.comes_again(request).status == "canceled"
    assert scene.counted(request) == (2, 1)


def test_row_38_a_refused_key_is_tried_again_after_a_while(scene: Scene) -> None:
    """It may have been Prevail that was wrong."""
    Store(scene, holding(API_KEY))
    scene.emulator.put_faults({"fault": "401", "count": 2})
    request = scene.asked("s-1")
    assert scene.waits(request).status == HELD
    scene.clock.now += KEY_AGAIN_S
    assert scene.settled(request).status == "canceled"


def test_row_38_all_have_settled_two_minutes_after_a_key_works_again(scene: Scene) -> None:
    Store(scene, holding(API_KEY))
    scene.emulator.put_faults({"fault": "key"})
    requests = [scene.asked(f"s-{n}") for n in range(10)]
    due = [(scene.clock() + scene.waits(request).delay, n) for n, request in enumerate(requests)]
    works_again = scene.clock() + 900
    while due:
        scene.clock.now, n = heapq.heappop(due)
        if scene.clock() >= works_again:
            scene.emulator.put_faults()
        result = scene.attempt(requests[n])
        if isinstance(result, Postponed):
            heapq.heappush(due, (scene.clock() + result.delay, n))
    assert scene.clock() <= works_again + 120


def test_row_38_where_the_list_takes_the_key_one_sessions_401_holds_nobody(scene: Scene) -> None:
    Store(scene, holding(API_KEY))
    scene.emulator.put_faults({"fault": "401", "method": "PATCH", "count": 1})
    outcome = scene.settled(scene.asked("s-1"))
    assert (outcome.status, outcome.reason) == ("refused", "not_permitted")
    assert scene.settled(scene.asked("s-2")).status == "canceled"


class Manager:
    """Stands where the client of Secrets Manager does; `stages` are those it was asked for.

    refuses: the code of its error, None where it answers.
    """

    def __init__(self, scene: Scene, refuses: str | None = None) -> None:
        self.refuses, self.stages = refuses, list[str]()
        scene.keys = kept(SecretsManager(cast("SecretsManagerClient", self)).fetch, scene)

    def get_secret_value(self, **asked: str) -> dict[str, str]:
        self.stages.append(asked["VersionStage"])
        if self.refuses:
            raise ClientError({"Error": {"Code": self.refuses, "Message": "hushhush"}}, "GetSecretValue")
        return {"SecretString": holding(API_KEY)}


def test_row_38_a_pending_version_is_never_asked_for(scene: Scene) -> None:
    manager = Manager(scene)
    scene.emulator.put_organization("acme", api_key=OTHER_KEY)
    assert scene.waits(scene.asked("s-1")).status == HELD
    assert manager.stages == ["AWSCURRENT", "AWSCURRENT"]


# ── The store of secrets ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("age", [MAX_AGE_S - 1, MAX_AGE_S + 1, MAX_AGE_IN_OUTAGE_S - 1])
def test_row_67_and_69_in_an_outage_a_key_that_was_kept_is_used_for_a_bounded_time(
    scene: Scene, age: float
) -> None:
    store = Store(scene, holding(API_KEY))
    scene.settled(scene.asked("s-before"))
    store.down = True
    scene.clock.now += age
    assert scene.settled(scene.asked("s-1")).status == "canceled"


def test_row_67_a_key_that_is_too_old_is_not_used(scene: Scene) -> None:
    store = Store(scene, holding(API_KEY))
    scene.settled(scene.asked("s-before"))
    store.down = True
    scene.clock.now += MAX_AGE_IN_OUTAGE_S + 1
    request = scene.asked("s-1")
    with pytest.raises(Unavailable):
        scene.attempt(request)
    assert scene.counted(request) == (0, 0)


def test_row_68_a_cold_start_in_an_outage_claims_nothing_and_calls_nobody(scene: Scene) -> None:
    Store(scene, holding(API_KEY)).down = True
    request = scene.asked("s-1")
    with pytest.raises(Unavailable):
        scene.attempt(request)
    assert session_key(request) not in scene.table.items
    assert scene.methods() == []


def test_row_68_after_the_outage_the_same_message_does_everything(scene: Scene) -> None:
    store = Store(scene, holding(API_KEY))
    store.down = True
    request = scene.asked("s-1")
    with pytest.raises(Unavailable):
        scene.attempt(request)
    store.down = False
    assert scene.settled(request).status == "canceled"
    assert scene.counted(request) == (1, 1)


UNUSABLE = {
    "not JSON": "{0123456789abcdef0123456789abcdef",
    "binary": "\x00\xff" * 16,
    "field missing": json.dumps({"key": API_KEY}),
    "no object": json.dumps([API_KEY]),
    "too short": holding("0123456789abcdef"),
    "newline": holding(API_KEY + "\n"),
    "deleted": None,
}


@pytest.mark.parametrize("secret", UNUSABLE.values(), ids=UNUSABLE)
def test_row_70_and_72_an_unusable_secret_is_told_by_name_and_calls_nobody(
    scene: Scene, secret: str | None
) -> None:
    Store(scene, secret)
    request = scene.asked("s-1")
    held = scene.waits(request)
    assert (
        held.status,
        NAME in sentences.waits(held.waits),
        "0123456789abcdef" in sentences.waits(held.waits),
    ) == (HELD, True, False)
    assert (scene.methods(), session_key(request) in scene.table.items) == ([], False)


def test_row_70_a_secret_that_was_mended_lets_what_was_held_go_on(scene: Scene) -> None:
    store = Store(scene, "{")
    request = scene.asked("s-1")
    scene.waits(request)
    store.secret = holding(API_KEY)
    assert scene.comes_again(request).status == "canceled"


LASTING = {
    "not allowed": "AccessDeniedException",
    "KMS key disabled": "DecryptionFailure",
    "to be deleted": "InvalidRequestException",
}
PASSING = ("ThrottlingException", "InternalServiceError", "ServiceUnavailable")


@pytest.mark.parametrize("code", LASTING.values(), ids=LASTING)
def test_row_72_a_secret_that_may_not_be_read_holds_the_request_until_somebody_mends_it(
    scene: Scene, code: str
) -> None:
    manager = Manager(scene, refuses=code)
    request = scene.asked("s-1")
    held = scene.waits(request)
    assert (held.status, NAME in sentences.waits(held.waits), "hushhush" in sentences.waits(held.waits)) == (
        HELD,
        True,
        False,
    )
    assert (scene.methods(), session_key(request) in scene.table.items) == ([], False)
    manager.refuses = None
    assert scene.comes_again(request).status == "canceled"


def test_row_72_a_kept_key_that_may_be_read_no_longer_is_not_used(scene: Scene) -> None:
    """Whoever disables its KMS key means it; an outage is another matter."""
    manager = Manager(scene)
    scene.settled(scene.asked("s-before"))
    manager.refuses = "DecryptionFailure"
    scene.clock.now += MAX_AGE_S
    request = scene.asked("s-1")
    assert scene.waits(request).status == HELD
    assert scene.counted(request) == (0, 0)


@pytest.mark.parametrize("code", PASSING)
def test_row_69_a_refusal_that_may_pass_brings_the_message_again(scene: Scene, code: str) -> None:
    Manager(scene, refuses=code)
    request = scene.asked("s-1")
    with pytest.raises(Unavailable):
        scene.attempt(request)
    assert (scene.methods(), session_key(request) in scene.table.items) == ([], False)


def test_row_71_a_rotation_between_two_calls_reaches_the_second_one_in_time(scene: Scene) -> None:
    store = Store(scene, holding(API_KEY))
    rotated(scene, store)
    scene.clock.now += MAX_AGE_S
    request = scene.asked("s-1")
    assert scene.settled(request).status == "canceled"
    assert scene.counted(request) == (1, 1)


# ── Tokens ────────────────────────────────────────────────────────────────────────────────────────


def test_row_73_a_call_that_waited_for_hours_has_a_token_of_its_own(scene: Scene) -> None:
    scene.emulator.put_switches(token_longest_life_s=300)
    scene.emulator.put_faults({"fault": "429-7200-seconds", "count": 1})
    request = scene.asked("s-1")
    assert scene.settled(request).status == "canceled"
    assert [call.why for call in scene.emulator.calls()] == [None, None]


def test_row_73_a_token_lives_at_most_five_minutes() -> None:
    assert LIFETIME_S <= 300
