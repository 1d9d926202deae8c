"""Call-backs: whom an outcome is told, how it is signed, and when it comes again."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from builders import ACCOUNT, NOW, SIGNING_SECRET
from cancellations.configuration import Callback
from cancellations.domain import OUTCOMES
from cancellations.errors import Malformed, NotOurs, Unavailable
from cancellations.notify import LONGEST_WAIT_S, WAITS_S, Notified, Notify, type_of
from cancellations.ports import Reply, Stored
from fakes import Clock, KnownKeys, MemoryReceivers

URL = "https://crm.example.com/outcomes"
OTHER_SECRET = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()
DETAIL = {
    "id": "request-2-session-canceled",
    "source": "acme",
    "occurred_at": "2027-01-15T08:00:00.000Z",
    "attempts": 1,
}


def an_event(detail: object = None, **changes: object) -> str:
    event = {
        "source": OUTCOMES,
        "account": ACCOUNT,
        "detail-type": "Session Canceled",
        "detail": detail or DETAIL,
    }
    return json.dumps({**event, **changes})


@dataclass
class Room:
    receivers: MemoryReceivers = field(default_factory=MemoryReceivers)
    secrets: KnownKeys = field(default_factory=lambda: KnownKeys({"acme": SIGNING_SECRET}))
    jitter: float = 0.0

    def notify(self, message: str | None = None, received: int = 1) -> Notified:
        callbacks = {"acme": Callback(URL, "acme")}
        use = Notify(callbacks, ACCOUNT, self.secrets, self.receivers, Clock(), lambda: self.jitter)
        return use(an_event() if message is None else message, received)

    @property
    def posted(self) -> tuple[str, Mapping[str, str], bytes]:
        (posted,) = self.receivers.posted
        return posted


def hears(status: int | None, wait: float | None = None) -> Room:
    return Room(MemoryReceivers([Reply("what was seen", status, wait)]))


# ── What is posted ────────────────────────────────────────────────────────────────────────────────


def test_an_outcome_is_posted_to_the_address_of_its_source() -> None:
    room = Room()
    assert room.notify().decision == "told"
    assert room.posted[0] == URL


def test_the_detail_is_posted_as_it_was_announced() -> None:
    room = Room()
    room.notify()
    assert json.loads(room.posted[2]) == {
        "type": "session.canceled",
        "timestamp": DETAIL["occurred_at"],
        "data": DETAIL,
    }


@pytest.mark.parametrize(
    ("detail_type", "posted"),
    [
        ("Session Already Canceled", "session.already_canceled"),
        ("Cancellation Needs Review", "cancellation.needs_review"),
    ],
)
def test_a_type_is_written_in_the_manner_of_webhooks(detail_type: str, posted: str) -> None:
    assert type_of(detail_type) == posted


class Receiver(Webhook):
    """The library that a receiver would use, at the time of the tests."""

    def verified(self, posted: tuple[str, Mapping[str, str], bytes]) -> Any:  # noqa: ANN401 - whatever JSON holds
        moment = datetime.fromtimestamp(float(posted[1]["webhook-timestamp"]), UTC)
        assert moment.timestamp() == NOW
        self._Webhook__verify_timestamp = lambda _: moment  # its clock cannot be set
        return self.verify(posted[2], dict(posted[1]))


def test_what_is_posted_is_signed_as_standard_webhooks_say() -> None:
    room = Room()
    room.notify()
    assert Receiver(SIGNING_SECRET).verified(room.posted)["data"] == DETAIL


def test_what_is_posted_is_not_signed_with_another_secret() -> None:
    room = Room()
    room.notify()
    with pytest.raises(WebhookVerificationError):
        Receiver(OTHER_SECRET).verified(room.posted)


@pytest.mark.parametrize("secret", [SIGNING_SECRET, OTHER_SECRET])
def test_while_secrets_change_over_it_is_signed_with_each(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = (Stored("current", SIGNING_SECRET), Stored("current 2", OTHER_SECRET))
    room = Room()
    monkeypatch.setattr(room.secrets, "of", lambda _: both)
    room.notify()
    assert Receiver(secret).verified(room.posted)["data"] == DETAIL


def test_an_event_that_comes_again_has_the_same_id() -> None:
    room = Room()
    for _ in range(2):
        room.notify()
    assert {headers["webhook-id"] for _, headers, _ in room.receivers.posted} == {DETAIL["id"]}


# ── Who is told ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("source", ["api", "another"])
def test_a_source_without_a_callback_is_told_nothing(source: str) -> None:
    room = Room()
    assert room.notify(an_event({**DETAIL, "source": source})).decision == "nobody to tell"
    assert room.receivers.posted == []


@pytest.mark.parametrize("changes", [{"source": "com.example.crm"}, {"account": "999999999999"}])
def test_what_this_account_has_not_announced_is_never_posted(changes: dict[str, str]) -> None:
    room = Room()
    with pytest.raises(NotOurs):
        room.notify(an_event(**changes))
    assert room.receivers.posted == []


@pytest.mark.parametrize(
    "message",
    [
        "",
        "[]",
        "{}",
        an_event({"id": 7}),
        an_event(**{"detail-type": None}),
        an_event(**{"detail-type": "X" * 65}),
        an_event(**{"detail-type": "Session\nCanceled"}),
        an_event({**DETAIL, "id": "an-id\r\nx: y"}),
        an_event({**DETAIL, "id": "an-id.1800000000"}),
        an_event({**DETAIL, "id": "a" * 129}),
        an_event({**DETAIL, "source": ""}),
        an_event({**DETAIL, "source": "ACME\n"}),
        an_event({**DETAIL, "occurred_at": "yesterday"}),
    ],
)
def test_what_is_no_outcome_is_never_posted(message: str) -> None:
    room = Room()
    with pytest.raises(Malformed):
        room.notify(message)
    assert room.receivers.posted == []


def test_the_address_of_a_callback_is_not_shown() -> None:
    assert "EXAMPLE" not in repr(Callback(f"{URL}?sig=EXAMPLE", "acme"))


# ── What it makes of the answer ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_success_ends_it(status: int) -> None:
    assert hears(status).notify() == Notified("told", str(DETAIL["id"]), "acme", "what was seen")


def test_a_receiver_that_is_gone_is_told_no_more() -> None:
    assert hears(410).notify() == Notified("gone", str(DETAIL["id"]), "acme", "what was seen")


@pytest.mark.parametrize("status", [None, 100, 301, 302, 400, 401, 403, 404, 429, 500, 503])
def test_everything_else_comes_again(status: int | None) -> None:
    assert hears(status).notify() == Notified(
        "put off", str(DETAIL["id"]), "acme", "what was seen", WAITS_S[0]
    )


@pytest.mark.parametrize(
    ("received", "wait"), [*enumerate(WAITS_S, start=1), (0, WAITS_S[0]), (99, WAITS_S[-1])]
)
def test_each_wait_is_that_of_the_table(received: int, wait: float) -> None:
    assert hears(500).notify(received=received).wait == wait


def test_waits_never_shrink() -> None:
    assert list(WAITS_S) == sorted(WAITS_S)


@pytest.mark.parametrize(("told", "wait"), [(1.0, WAITS_S[0]), (600.0, 600.0), (1e9, LONGEST_WAIT_S)])
def test_a_receiver_that_says_how_long_is_believed_within_bounds(told: float, wait: float) -> None:
    assert hears(503, told).notify().wait == wait


def test_those_who_failed_together_do_not_come_back_together() -> None:
    room = hears(500)
    room.jitter = 1.0
    wait = room.notify().wait
    assert wait is not None
    assert WAITS_S[0] < wait <= WAITS_S[0] * 1.1


@pytest.mark.parametrize("secrets", [{}, {"acme": "whsec_no base64"}, {"acme": "whpk_" + "A" * 43 + "="}])
def test_without_a_secret_of_use_nothing_is_posted_and_it_comes_again(secrets: dict[str, str]) -> None:
    room = Room(secrets=KnownKeys(secrets))
    assert room.notify().decision == "put off"
    assert room.receivers.posted == []


def test_a_store_of_secrets_that_does_not_answer_makes_it_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(_: str) -> None:
        raise Unavailable("Secrets Manager")

    room = Room()
    monkeypatch.setattr(room.secrets, "of", silent)
    assert room.notify().wait == WAITS_S[0]
