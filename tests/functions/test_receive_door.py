"""The door for webhooks, with the story of events/webhook.json."""

import json
import re
from types import ModuleType
from typing import Any, Never

import pytest

from builders import SIGNING_SECRET as OTHER_SECRET
from builders import AContext
from cancellations.adapters.keyring import MAX_AGE_S, KeptKeyring
from cancellations.adapters.secrets import SIGNING_SECRETS, StoredSecrets
from cancellations.domain import idempotency_key
from cancellations.errors import ConfigurationError
from cancellations.receive import Handshake
from functions.around import AT, Around, story
from trial.senders import EVENTS

REQUEST = idempotency_key("example-legal", "example-crm", "msg_31415926")


@pytest.fixture(autouse=True)
def published(around: Around) -> None:
    """The test secret that events/README.md publishes is that of the source."""
    (secret,) = re.findall(r"`(whsec_\S+)`", (EVENTS / "README.md").read_text(encoding="utf-8"))
    around.secrets.current = {"example-crm": secret}


def handled(door: ModuleType, event: dict[str, Any]) -> dict[str, Any]:
    response: dict[str, Any] = door.handler(event, AContext())
    return response


def test_a_revoked_secret_is_refused_by_a_process_that_has_used_it(
    around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = around.secrets.current["example-crm"]
    versions = {"AWSCURRENT": json.dumps({"signing_secret": published})}
    stored = StoredSecrets(lambda _, stage: versions.get(stage), SIGNING_SECRETS, "prevail")
    around.secrets = KeptKeyring(stored, around.clock)  # type: ignore[assignment]  # the real one, over a store of ours
    receive = around.door("receive", monkeypatch)
    assert handled(receive, story("webhook"))["statusCode"] == 202
    revoking = {"signing_secret": OTHER_SECRET, "previous_version": "refuse"}
    versions |= {"AWSPREVIOUS": versions["AWSCURRENT"], "AWSCURRENT": json.dumps(revoking)}
    around.clock.now += MAX_AGE_S - 1
    assert handled(receive, story("webhook"))["statusCode"] == 202
    around.clock.now += 1
    assert handled(receive, story("webhook"))["statusCode"] == 401


def test_the_story_is_accepted_at_its_own_time_under_the_published_secret(
    receive: ModuleType, around: Around
) -> None:
    answer = handled(receive, story("webhook"))
    assert answer["statusCode"] == 202
    assert json.loads(answer["body"]) == {"id": REQUEST, "status": "queued"}
    stored = around.request(REQUEST)
    assert (stored["remote_session_id"], stored["cancel_without_email"]) == ("session-of-tuesday", True)
    assert stored["reason"] == "The case settled."


def test_the_story_puts_its_request_on_the_queue_once(receive: ModuleType, around: Around) -> None:
    for _ in range(2):
        handled(receive, story("webhook"))
    assert [(request.id, delay) for request, delay in around.queue.sent] == [(REQUEST, 0)]


def test_the_story_is_refused_at_any_other_time(receive: ModuleType, around: Around) -> None:
    around.clock.now = AT + 3600
    assert handled(receive, story("webhook"))["statusCode"] == 401
    assert (around.table.items, around.queue.sent) == ({}, [])


def test_a_route_that_it_does_not_know_is_not_found(receive: ModuleType) -> None:
    assert handled(receive, {**story("webhook"), "routeKey": "POST /v1/elsewhere"})["statusCode"] == 404


def test_health_is_answered(receive: ModuleType) -> None:
    assert handled(receive, {"routeKey": "GET /v1/health"})["statusCode"] == 200


def test_head_of_health_is_get_without_its_body(receive: ModuleType) -> None:
    got = handled(receive, {"routeKey": "GET /v1/health"})
    assert handled(receive, {"routeKey": "HEAD /v1/health"}) == {**got, "body": ""}


def test_head_of_health_says_that_the_configuration_is_at_fault(
    receive: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive.wiring, "receive", faulty)
    answer = handled(receive, {"routeKey": "HEAD /v1/health"})
    assert (answer["statusCode"], answer["body"]) == (503, "")


def test_a_handshake_does_not_read_what_its_sender_prefers(
    receive: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive.http_events, "wait_of", broken)
    monkeypatch.setattr(receive.wiring, "receive", lambda: lambda *_: Handshake("example-crm", {}, None))
    assert handled(receive, story("webhook"))["statusCode"] == 200


def test_an_accident_asks_the_sender_to_come_again(
    receive: ModuleType, around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(around.queue, "send", broken)
    answer = handled(receive, story("webhook"))
    assert answer["statusCode"] == 503
    assert "an accident" not in answer["body"]


def test_a_log_call_that_raises_does_not_take_back_what_was_accepted(
    receive: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive.logger, "info", broken)
    assert handled(receive, story("webhook"))["statusCode"] == 202


def test_a_delivery_signed_with_the_secret_that_is_to_be_retired_is_counted(
    receive: ModuleType, around: Around, capsys: pytest.CaptureFixture[str]
) -> None:
    (name,) = around.secrets.current
    around.secrets.previous[name] = around.secrets.current[name]
    around.secrets.current[name] = OTHER_SECRET
    assert handled(receive, story("webhook"))["statusCode"] == 202
    assert '"OldSigningSecretUsed"' in capsys.readouterr().out


def test_a_delivery_signed_with_the_newest_secret_is_not_counted(
    receive: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    handled(receive, story("webhook"))
    assert '"OldSigningSecretUsed"' not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "counted"), [("example-crm", "SignaturesRefused"), ("nobodys", "StrangersRefused")]
)
def test_a_delivery_that_cannot_be_verified_is_counted_by_whether_its_source_is_known(
    receive: ModuleType, capsys: pytest.CaptureFixture[str], source: str, counted: str
) -> None:
    event = {**story("webhook"), "pathParameters": {"source": source}}
    event["headers"] = {**event["headers"], "webhook-signature": "v1,AAAA"}
    assert handled(receive, event)["statusCode"] == 401
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [name for line in lines for name in line if name.endswith("Refused")] == [counted]


def faulty() -> Never:
    raise ConfigurationError(["sources.toml is missing"])


def broken(*_: object, **__: object) -> Never:
    raise ZeroDivisionError("an accident")
