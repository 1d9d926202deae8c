"""Another server in the emulator's place."""

import json
import os
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

import stack
from prevail.client import Emulator
from prevail.server import running
from stack.places import StateFolder

NAME = f"other-{os.getpid()}"
KEY = string.ascii_letters + string.digits
ORGANIZATION = "example-legal"
PREFIX = "prevail-cancellations/local/organizations"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture(scope="module")
def info(server: str) -> Iterator[stack.StackInfo]:
    prevail = stack.prevail_server(server, {"PREVAIL_SLUG": ORGANIZATION, "PREVAIL_API_KEY": KEY})
    with stack.local_stack(stack.make_plan(name=NAME, prevail=prevail)) as up:
        yield up.info


def secret(info: stack.StackInfo, name: str) -> object:
    manager = stack.client("secretsmanager", info.aws_endpoint_url)
    return json.loads(manager.get_secret_value(SecretId=f"{PREFIX}/{name}")["SecretString"])


def test_no_emulator_is_started(info: stack.StackInfo, server: str) -> None:
    assert set(info.pids) == {"supervisor", "ministack"}
    assert info.prevail_url == server
    assert not info.prevail_emulated


def test_the_functions_call_that_server(info: stack.StackInfo, server: str) -> None:
    functions = stack.client("lambda", info.aws_endpoint_url).list_functions()["Functions"]
    assert {function["Environment"]["Variables"]["PREVAIL_URL"] for function in functions} == {server}


def test_the_key_goes_to_the_organizations_secret(info: stack.StackInfo) -> None:
    assert secret(info, ORGANIZATION) == {"api_key": KEY}


def test_no_other_organization_has_a_key(info: stack.StackInfo) -> None:
    manager = stack.client("secretsmanager", info.aws_endpoint_url)
    names = [found["Name"] for found in manager.list_secrets()["SecretList"]]
    assert [name for name in names if name.startswith(PREFIX)] == [f"{PREFIX}/{ORGANIZATION}"]
    with pytest.raises(ClientError):
        secret(info, "another")


def test_nothing_is_sent_to_that_server(info: stack.StackInfo, server: str) -> None:
    assert info.name == NAME
    assert Emulator(server).calls() == []


def test_the_key_is_in_no_file_of_the_stack(info: stack.StackInfo) -> None:
    files = [path for path in StateFolder(info.name).path.iterdir() if path.is_file()]
    assert files
    assert not [path for path in files if KEY in path.read_text(errors="replace")]


def test_the_key_is_in_no_environment(info: stack.StackInfo) -> None:
    for pid in info.pids.values():
        assert KEY not in Path(f"/proc/{pid}/environ").read_text()
