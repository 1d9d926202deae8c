"""Secrets as they are pasted: what could verify nothing is found before the first delivery."""

import json
import os
from typing import Any

import pytest
from botocore.session import Session
from moto import mock_aws

from cases.desk import Desk, reported

GITHUB = "https://github.com"
PREFIX = "prevail-cancellations/test"
HEX = "8f1d2c3b4a5968778695a4b3c2d1e0f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
STANDARD = "whsec_8kL5mP2nQ9rS4vX7zC3bE6hJ1mN8pR5tW2yA4dG7fK8="

CRM = """\
[crm]
organization = "example-legal"
verify = "{verify}"
secret = "crm"
filter = {{ canceled = "body.type == 'deposition.canceled'" }}

[crm.request]
event_id = "body.id"
remote_session_id = "body.data.remote_session_id"
"""

PASTED = [
    pytest.param("github", f"{HEX}\n", id="a line break"),
    pytest.param("github", f'"{HEX}"', id="quotes"),
    pytest.param("github", f" {HEX}", id="a space before"),
    reported(f"{GITHUB}/webhookdb/webhookdb/issues/895", "shopify", f"{HEX}\n"),
    reported(f"{GITHUB}/heripo-lab/heripo-engine/pull/47", "slack", f"{HEX}\r\n"),
    reported(f"{GITHUB}/honojs/examples/issues/159", "stripe", f"{STANDARD} "),
    reported(f"{GITHUB}/stripe/stripe-node/issues/1980", "stripe", f"\n{STANDARD}"),
    reported(f"{GITHUB}/Azure/azure-functions-host/issues/702", "github", f"\t{HEX} "),
    reported(
        f"{GITHUB}/standard-webhooks/standard-webhooks/issues/235", "standard-webhooks", f"v1,{STANDARD}"
    ),
    reported(
        f"{GITHUB}/standard-webhooks/standard-webhooks/issues/235", "svix", f"'{STANDARD}'", by="quoted"
    ),
]


def checked(desk: Desk, monkeypatch: pytest.MonkeyPatch, verify: str, secret: str) -> tuple[object, str]:
    """The exit code of the check, and all that it said, with this secret in a store that is made up."""
    for name, value in {
        "ACCESS_KEY_ID": "x",
        "SECRET_ACCESS_KEY": "x",
        "DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    assert os.environ["AWS_DEFAULT_REGION"]
    with mock_aws():
        store: Any = Session().create_client("secretsmanager")
        stored = {
            "organizations/example-legal": {"api_key": HEX[::-1]},
            "sources/crm": {"signing_secret": secret},
        }
        for name, document in stored.items():
            store.create_secret(Name=f"{PREFIX}/{name}", SecretString=json.dumps(document))
        ended = desk.check(CRM.format(verify=verify), "--secrets", PREFIX)
    return ended.code, ended.said


@pytest.mark.parametrize(("verify", "secret"), PASTED)
def test_a_secret_that_was_pasted_with_more_is_found(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, verify: str, secret: str
) -> None:
    code, said = checked(desk, monkeypatch, verify, secret)
    assert code == 2
    assert f"secret {PREFIX}/sources/crm" in said
    assert not any(value in said for value in (HEX, STANDARD))


@pytest.mark.parametrize(
    ("verify", "secret"),
    [("github", HEX), ("slack", HEX[:32]), ("stripe", STANDARD), ("standard-webhooks", STANDARD)],
)
def test_a_secret_as_its_vendor_shows_it_is_accepted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, verify: str, secret: str
) -> None:
    code, said = checked(desk, monkeypatch, verify, secret)
    assert code == 0, said
