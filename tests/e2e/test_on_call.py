"""What a person on call asks a running stack: was it cancelled, and is anything in the way?"""

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from cli.main import main
from e2e.deliveries import a_session, a_webhook
from prevail.client import Emulator
from stack import StackInfo, client
from stack.aws import pages
from trial.entrances import Sender
from trial.watch import Watch

type OnCall = Callable[..., tuple[object, dict[str, Any]]]
"""A command's exit code, and what it told as JSON."""

IN_THE_WAY = ("Secrets", "API", "Bus", "Functions", "Ledger", "Prevail")
"""What stays as it was deployed, whatever other tests leave on the queues."""


@pytest.fixture
def on_call(info: StackInfo, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> OnCall:
    def run(*arguments: str) -> tuple[object, dict[str, Any]]:
        monkeypatch.setattr(sys, "argv", ["cancelctl", *arguments, "--name", info.name, "--json"])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, json.loads(capsys.readouterr().out)

    return run


def test_the_state_tells_a_session_before_and_after_it_was_canceled(
    info: StackInfo, prevail: Emulator, watch: Watch, sender: Sender, on_call: OnCall
) -> None:
    session = a_session(prevail)
    organization = info.organizations[0].slug
    assert on_call("state", organization, session)[0] == 1
    sent = a_webhook(info, session)
    sender.post(sent)
    watch.settled(sent.request_id)
    code, told = on_call("state", organization, session)
    assert (code, told["prevail"]["state"], told["differ"]) == (0, "canceled", False)
    assert told["ledger"]["canceled_by"] == sent.request_id


def test_the_doctor_reaches_every_station_of_a_stack_and_finds_nothing_in_the_way(on_call: OnCall) -> None:
    found = on_call("doctor")[1]["findings"]
    named = {(one["station"], one["name"]): one["status"] for one in found}
    assert [one for one in found if one["station"] in IN_THE_WAY and one["status"] == "failed"] == []
    for station, name in (
        ("API", "health"),
        ("Bus", "source example-bus"),
        ("Functions", "CancelFunctionMessages"),
        ("Queues", "redrive"),
        ("Ledger", "index open"),
        ("Prevail", "list of example-legal"),
    ):
        assert named[station, name] == "ok"


def test_the_doctor_shows_no_secret_of_the_stack(info: StackInfo, on_call: OnCall) -> None:
    manager = client("secretsmanager", info.aws_endpoint_url)
    names = [secret["Name"] for secret in pages(manager, "list_secrets", "SecretList")]
    stored = [json.loads(manager.get_secret_value(SecretId=name)["SecretString"]) for name in names]
    told = json.dumps(on_call("doctor")[1])
    values = [value for secret in stored for value in secret.values()]
    assert values
    assert [value for value in (*values, "eyJ") if value in told] == []
