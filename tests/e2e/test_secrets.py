"""Organizations whose key cannot be used: their requests are taken, held and explained, and nothing is sent."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders import a_source_table, an_organization_table, some_configuration
from cancellations import sentences
from cancellations.writes import Item, text
from e2e.deliveries import a_session
from prevail.client import Emulator
from stack import StackInfo, client, local_stack, make_plan
from trial.entrances import Sender
from trial.senders import Senders, Webhook
from trial.watch import Watch, outcome, until

PREFIX = "prevail-cancellations/local"
UNUSABLE: dict[str, str | None] = {
    "placeholder": json.dumps({"api_key": "<replace-this-with-the-key-of-your-organization>"}),
    "short": json.dumps({"api_key": "8k2jd93mfp1q"}),
    "bare": "Zk3vT9qLw8xRb2nYc7dHf5gJm4sKp6aE",
    "missing": None,
}
"""What is stored for each organization in place of its key; None: nothing."""

HEALTHY = "healthy"
SPEECHLESS = "speechless"
"""Whose key is fine; its source's signing secret is a placeholder."""

unusable = pytest.mark.parametrize("name", UNUSABLE)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackInfo]:
    """A stack of its own, with a source per organization; no key of it has been used when it is replaced."""
    names = [*UNUSABLE, HEALTHY, SPEECHLESS]
    config = some_configuration(
        tmp_path_factory.mktemp("config"),
        organizations={name: an_organization_table(secret=name) for name in names},
        sources={name: a_source_table(organization=name, secret=name) for name in names},
    )
    with local_stack(make_plan(name=f"e2e-{os.getpid()}-secrets", config=config)) as running:
        for name, stored in UNUSABLE.items():
            replace_secret(running.info, f"{PREFIX}/organizations/{name}", stored)
        placeholder = json.dumps({"signing_secret": "whsec_replace-me-by-the-secret-of-the-source"})
        replace_secret(running.info, f"{PREFIX}/sources/{SPEECHLESS}", placeholder)
        yield running.info
    shutil.rmtree(Path(running.info.log_files["supervisor"]).parent)


def replace_secret(info: StackInfo, name: str, stored: str | None) -> None:
    manager = client("secretsmanager", info.aws_endpoint_url)
    if stored is None:
        manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    else:
        manager.put_secret_value(SecretId=name, SecretString=stored)


def a_webhook_of(info: StackInfo, organization: str) -> tuple[Webhook, str]:
    """A delivery of the organization's source, and the ready session that it names."""
    session = a_session(Emulator(info.prevail_url), organization=organization)
    return Senders(info).webhook(session, source=organization), session


def held(info: StackInfo, request_id: str) -> Item:
    watch = Watch(info)

    def found() -> Item | None:
        item = watch.request(request_id)
        return item if item and text(item, "status") == "held" else None

    return until(found, 30, f"request {request_id} to be held")


@unusable
def test_a_request_is_held_for_a_reason_that_names_the_secret_and_not_its_value(
    small: StackInfo, name: str
) -> None:
    sent, session = a_webhook_of(small, name)
    assert Sender(small).post(sent).status_code == 202
    item = held(small, sent.request_id)
    assert (sentences.waiting(item) or "").startswith(f"secret {PREFIX}/organizations/{name}: ")
    assert Emulator(small.prevail_url).session(session).patches == 0
    assert [call for call in Emulator(small.prevail_url).calls() if call.slug == name] == []
    assert [value for value in values(name) if value in json.dumps(item) + logged(small)] == []


def values(name: str) -> list[str]:
    stored = UNUSABLE[name]
    if stored is None:
        return []
    return [json.loads(stored)["api_key"]] if stored.startswith("{") else [stored]


def logged(info: StackInfo) -> str:
    return "".join(Path(file).read_text(errors="replace") for file in info.log_files.values())


@unusable
def test_a_key_that_cannot_be_used_holds_up_nobody_else(small: StackInfo, name: str) -> None:
    bad, _ = a_webhook_of(small, name)
    good, session = a_webhook_of(small, HEALTHY)
    Sender(small).post(bad)
    Sender(small).post(good)
    assert outcome(Watch(small).settled(good.request_id)) == "canceled"
    assert Emulator(small.prevail_url).session(session).state == "canceled"


def test_a_source_without_a_secret_is_told_to_come_again_and_nothing_is_stored(small: StackInfo) -> None:
    sent, session = a_webhook_of(small, SPEECHLESS)
    answer = Sender(small).post(sent)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "secret" not in answer.text
    assert Watch(small).request(sent.request_id) is None
    assert Emulator(small.prevail_url).session(session).patches == 0
