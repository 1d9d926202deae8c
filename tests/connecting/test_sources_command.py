"""`cancelctl sources …`: what it prints, and its exit codes."""

import json
import os
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session
from moto import mock_aws

from builders import a_source_table, an_organization_table, some_configuration
from cli.main import main
from connecting.arriving import event_of
from trial.gallery.files import CONFIG, EVENTS

PREFIX = "prevail-cancellations/dev"
API_KEY = "0123456789abcdefghijklmnopqrstuv"
SECRET = "Zk3vT9qLw8xRb2nYc7dHf5gJm4sKp6aE"
SHORT = "qX7mB2vN9cL4kJ8hG5fD3sA1"
SECRETS = (API_KEY, SECRET, SECRET[::-1], SHORT)
AT = ("--at", "2026-11-20T18:00:00Z")
NOBODYS = "no-such-stack"


@dataclass(frozen=True, slots=True)
class Ended:
    code: object
    stdout: str
    stderr: str


type Cancelctl = Callable[..., Ended]


@pytest.fixture
def cancelctl(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cancelctl:
    """Runs a command in this process."""

    def run(*arguments: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["cancelctl", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ended(ended.value.code or 0, said.out, said.err)

    return run


@pytest.fixture
def slack(cancelctl: Cancelctl) -> Cancelctl:
    def run(*arguments: str | Path) -> Ended:
        return cancelctl("sources", "try", "slack", "--config", CONFIG, *arguments)

    return run


EVENT = ("--event", EVENTS / "slack.json")
OWN = ("--secret", EVENTS / "secrets" / "slack.json")

# ── check ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_good_configuration_is_told_source_by_source(cancelctl: Cancelctl) -> None:
    ended = cancelctl("sources", "check", CONFIG)
    assert ended.code == 0
    assert "hmac (hmac) for example-legal, example-partners" in ended.stdout
    assert "of jwt-es256, jwt-eddsa: deploy with the parameter PublicKeyLayerArn" in ended.stdout


def test_the_shipped_configuration_is_what_is_checked_unless_another_is_named(cancelctl: Cancelctl) -> None:
    checked = json.loads(cancelctl("sources", "check", "--json").stdout)
    assert checked["sources"] == {"example-bus": "bus", "example-crm": "standard-webhooks"}
    assert checked["secrets_read"] is False


def test_faults_are_json_too(cancelctl: Cancelctl, tmp_path: Path) -> None:
    directory = some_configuration(tmp_path, sources={"crm": a_source_table(filter="type == 'x'")})
    ended = cancelctl("sources", "check", directory, "--json")
    (fault,) = json.loads(ended.stdout)["faults"]
    assert (ended.code, ended.stderr) == (2, "")
    assert fault.startswith("sources.toml:5: [crm] filter is invalid: ")


def test_every_fault_is_told_with_its_file_and_line(cancelctl: Cancelctl, tmp_path: Path) -> None:
    tables = {
        "acme": a_source_table(verify="standard-webhook"),
        "crm": a_source_table(secret="", organization="x"),
    }
    ended = cancelctl("sources", "check", some_configuration(tmp_path, sources=tables))
    assert ended.code == 2
    assert [
        line
        for line in ("sources.toml:", "standard-webhooks", "[crm] organization")
        if line not in ended.stderr
    ] == []


def test_the_command_has_one_name(cancelctl: Cancelctl) -> None:
    assert cancelctl("check").code == 2


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, list[str]]], None]:
    """Stores secrets in an AWS account that is made up; a list has its versions, oldest first."""
    for name, value in {
        "ACCESS_KEY_ID": "x",
        "SECRET_ACCESS_KEY": "x",
        "DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)

    def store(secrets: Mapping[str, list[str]]) -> None:
        manager = client("secretsmanager")
        for name, versions in secrets.items():
            full = f"{PREFIX}/{name}"
            manager.create_secret(Name=full, SecretString=versions[0])
            for version in versions[1:]:
                manager.put_secret_value(SecretId=full, SecretString=version)

    return store


def signing(secret: str) -> str:
    return json.dumps({"signing_secret": secret})


def revoking(previous: str) -> str:
    return json.dumps({"signing_secret": SECRET, "previous_version": previous})


@pytest.fixture
def hmac_config(tmp_path: Path) -> Path:
    source = a_source_table(
        verify="github", request={"event_id": "body.id", "remote_session_id": "body.session"}
    )
    return some_configuration(
        tmp_path, organizations={"acme-legal": an_organization_table()}, sources={"acme": source}
    )


@pytest.mark.parametrize(
    ("versions", "fault"),
    [
        ([signing(SECRET)], None),
        ([signing(SECRET[::-1]), signing(SECRET)], None),
        ([json.dumps({"signing_secret": [SECRET, SECRET[::-1]]})], None),
        ([signing(SHORT)], 'sources/acme, current: "signing_secret" holds 24 bytes'),
        (
            [signing(SHORT), signing(SECRET)],
            'sources/acme, previous: "signing_secret" holds 24 bytes',
        ),
        ([signing(SHORT), revoking("refuse")], None),
        ([signing(SECRET), revoking("refused")], 'sources/acme: "previous_version" is not "refuse"'),
        ([json.dumps({"signing_secret": SECRET, "previous": "refuse"})], "sources/acme: has keys other than"),
        (["not JSON"], "sources/acme: is not JSON"),
        ([signing("<replace-me-by-the-real-one-if-you-please>")], "placeholder"),
    ],
)
def test_secrets_are_read_and_made_usable_previous_ones_too(
    cancelctl: Cancelctl,
    stored: Callable[[Mapping[str, list[str]]], None],
    hmac_config: Path,
    versions: list[str],
    fault: str | None,
) -> None:
    with mock_aws():
        key = [json.dumps({"api_key": API_KEY})]
        stored({"organizations/acme-legal": key, "sources/acme": versions})
        ended = cancelctl("sources", "check", hmac_config, "--secrets", PREFIX)
    assert ended.code == (2 if fault else 0), ended.stderr
    assert (fault or "") in ended.stderr
    assert [secret for secret in SECRETS if secret in ended.stdout + ended.stderr] == []


def test_all_secrets_that_are_missing_are_told_at_once(
    cancelctl: Cancelctl, stored: Callable[[Mapping[str, list[str]]], None], hmac_config: Path
) -> None:
    with mock_aws():
        stored({})
        ended = cancelctl("sources", "check", hmac_config, "--secrets", PREFIX)
    assert ended.code == 2
    assert f"secret {PREFIX}/organizations/acme-legal: does not exist" in ended.stderr
    assert f"secret {PREFIX}/sources/acme: does not exist" in ended.stderr


def test_the_prefix_of_secrets_is_that_of_the_environment(
    cancelctl: Cancelctl, stored: Callable[[Mapping[str, list[str]]], None], hmac_config: Path
) -> None:
    with mock_aws():
        stored({})
        ended = cancelctl("sources", "check", hmac_config, "--environment", "prod")
    assert "secret prevail-cancellations/prod/sources/acme: does not exist" in ended.stderr


def test_an_environment_that_is_not_there_is_told(cancelctl: Cancelctl, hmac_config: Path) -> None:
    ended = cancelctl("sources", "check", hmac_config, "--environment", "produciton")
    assert ended.code == 2
    assert "It has: default, local, dev, prod." in ended.stderr


# ── list ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_says_where_each_source_sends_to(cancelctl: Cancelctl) -> None:
    rows = {
        row["source"]: row
        for row in json.loads(cancelctl("sources", "list", "--config", CONFIG, "--json").stdout)
    }
    assert rows["calendly"]["arrives_at"] == "/v1/webhooks/calendly"
    assert rows["calendly"]["filters"] == ["canceled", "not-rescheduled"]
    assert rows["event-relay"]["arrives_at"].startswith("bus: aws.partner/salesforce.com/")


def test_the_list_is_a_table_for_people(cancelctl: Cancelctl) -> None:
    assert "/v1/webhooks/example-crm" in cancelctl("sources", "list").stdout


# ── try ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_good_delivery_ends_with_zero(slack: Cancelctl) -> None:
    ended = slack(*EVENT, *OWN, *AT)
    assert (ended.code, ended.stdout.splitlines()[-1]) == (0, "a request to cancel (its sender hears 202)")


def test_an_ignored_delivery_ends_with_zero(cancelctl: Cancelctl) -> None:
    arguments = ("--event", EVENTS / "calendly-rescheduled.json", "--unverified", "--config", CONFIG)
    ended = cancelctl("sources", "try", "calendly", *arguments)
    assert (ended.code, ended.stdout.splitlines()[-1]) == (
        0,
        "ignored by not-rescheduled (its sender hears 200)",
    )


def test_a_refused_delivery_ends_with_two(slack: Cancelctl) -> None:
    ended = slack(*EVENT, *OWN)
    assert ended.code == 2
    assert "--at 2026-11-20T18:00:00Z" in ended.stdout
    assert "--unverified" in ended.stdout


def test_the_report_is_json_where_that_is_wanted(slack: Cancelctl) -> None:
    report = json.loads(slack(*EVENT, *OWN, *AT, "--json").stdout)
    assert (report["good"], report["answer"], len(report["items"])) == (True, 202, 1)


def as_lines(headers: dict[str, str]) -> str:
    return "".join(f"{name.title()}:  {value} \r\n" for name, value in headers.items())


@pytest.mark.parametrize("written", [json.dumps, as_lines], ids=["json", "lines"])
def test_body_and_headers_may_be_files(
    cancelctl: Cancelctl, tmp_path: Path, written: Callable[[dict[str, str]], str]
) -> None:
    event = event_of("stripe")
    (tmp_path / "body").write_text(event["body"])
    (tmp_path / "headers").write_text(written(event["headers"]))
    ended = cancelctl(
        *("sources", "try", "stripe", "--config", CONFIG, "--secret", EVENTS / "secrets" / "stripe.json"),
        *("--body", tmp_path / "body", "--headers", tmp_path / "headers", "--at", "1795197600"),
    )
    assert ended.code == 0, ended.stdout


def test_a_header_that_comes_twice_is_joined(cancelctl: Cancelctl, tmp_path: Path) -> None:
    (tmp_path / "body").write_text("{}")
    (tmp_path / "headers").write_text("Stripe-Signature: t=1795197600\nStripe-Signature: v1=00\n")
    arguments = ("--body", tmp_path / "body", "--headers", tmp_path / "headers", "--unverified")
    ended = cancelctl("sources", "try", "stripe", "--config", CONFIG, *arguments)
    assert "header stripe-signature  is there (signature, 18 characters)" in ended.stdout


def test_public_keys_need_no_secret(cancelctl: Cancelctl) -> None:
    arguments = ("--event", EVENTS / "jwt-es256.json", "--config", CONFIG, *AT)
    assert cancelctl("sources", "try", "jwt-es256", *arguments).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--event FILE"),
        (EVENT, "--unverified"),
        ((*EVENT, "--body", EVENTS / "slack.json"), "--event FILE"),
        (("--event", EVENTS / "stripe.json", *OWN), "is for the source 'stripe'"),
        (("--event", EVENTS / "queue.json", *OWN), "no event of a webhook"),
        (("--event", EVENTS / "nowhere.json", *OWN), "No such file"),
        (("--event", CONFIG / "sources.toml", *OWN), "is not JSON"),
        ((*EVENT, *OWN, "--at", "tuesday"), "--at tuesday"),
        ((*EVENT, "--secret", EVENTS / "slack.json"), "signing_secret"),
    ],
)
def test_what_cannot_be_tried_is_refused_with_what_to_write(
    slack: Cancelctl, arguments: tuple[str | Path, ...], said: str
) -> None:
    ended = slack(*arguments)
    assert (ended.code, ended.stdout) == (2, "")
    assert said in ended.stderr


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [(SECRET + "\n", "has a line break at its end"), (f'"{SECRET}"', "has quotation marks around it")],
    ids=["line-end", "quotes"],
)
def test_a_spoiled_secret_in_a_file_is_refused(
    slack: Cancelctl, tmp_path: Path, spoiled: str, said: str
) -> None:
    file = tmp_path / "secret.json"
    file.write_text(signing(spoiled))
    ended = slack(*EVENT, *AT, "--secret", file)
    assert ended.code == 2
    assert said in ended.stderr + ended.stdout
    assert SECRET not in ended.stderr + ended.stdout


def test_a_byte_order_mark_in_a_file_of_a_secret_is_skipped(slack: Cancelctl, tmp_path: Path) -> None:
    file = tmp_path / "secret.json"
    file.write_bytes(BOM_UTF8 + (EVENTS / "secrets" / "slack.json").read_bytes())
    assert slack(*EVENT, *AT, "--secret", file).code == 0


def test_a_source_that_is_not_there_is_refused_with_those_that_are(cancelctl: Cancelctl) -> None:
    ended = cancelctl("sources", "try", "slak", *EVENT, *OWN)
    assert ended.code == 2
    assert "example-crm" in ended.stderr


# ── map, send, cancel ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "arguments",
    [
        ("sources", "map", "clio", "1", "session", "--name", NOBODYS),
        ("send", "slack", "--name", NOBODYS),
        ("cancel", "example-legal", "session", "--name", NOBODYS),
    ],
)
def test_without_a_stack_nothing_is_sent(cancelctl: Cancelctl, arguments: tuple[str, ...]) -> None:
    ended = cancelctl(*arguments)
    assert ended.code == 1
    assert f"cancelctl local up --name {NOBODYS}" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sources", "map", "clio", "1", "s", "--name", NOBODYS, "--table", "t"), "not both"),
        (
            ("sources", "map", "slack", "1", "s", "--table", "t", "--config", str(CONFIG)),
            "lookup = { table = true }",
        ),
        (("sources", "map", "clio", "1", "a b", "--table", "t", "--config", str(CONFIG)), "characters"),
        (("cancel", "example-legal", "s", "--name", NOBODYS, "--url", "https://x"), "not both"),
        (("cancel", "example-legal", "s", "--url", "https://api.example.com"), "ApiUrl"),
        (("send", "slack", "--without-email"), "says nothing of e-mails"),
        (("send", "there-is-none"), "slack"),
    ],
)
def test_refused_input_ends_with_two(cancelctl: Cancelctl, arguments: tuple[str, ...], said: str) -> None:
    ended = cancelctl(*arguments)
    assert ended.code == 2
    assert said in ended.stderr


def test_a_table_in_aws_learns_which_session_is_meant(
    cancelctl: Cancelctl, stored: Callable[[Mapping[str, list[str]]], None]
) -> None:
    with mock_aws():
        stored({})
        a_table("ledger")
        told = [
            cancelctl(*("sources", "map", "clio", "7", session, "--table", "ledger", "--config", CONFIG))
            for session in ("s1", "s1", "s2")
        ]
    assert [ended.code for ended in told] == [0, 0, 2]
    assert "'7' of clio means 's1' already" in told[2].stderr


def client(service: str) -> Any:  # noqa: ANN401 - whichever service
    return Session().create_client(service)


def a_table(name: str) -> None:
    assert os.environ["AWS_DEFAULT_REGION"]
    client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
