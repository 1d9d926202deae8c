"""A running stack is the real template, and two of them do not know of each other."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import stack
from stack.http_json import ask

NAMES = [f"runs-{os.getpid()}-a", f"runs-{os.getpid()}-b"]
DEVELOPERS = {
    "AWS_ACCESS_KEY_ID": "AKIADEVELOPER",
    "AWS_SECRET_ACCESS_KEY": "developers",
    "AWS_PROFILE": "there-is-no-such-profile",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("config")
    (folder / "organizations.toml").write_text('[acme]\nbase_url = "https://prevail.example"\nsecret = "k"\n')
    (folder / "sources.toml").write_text(
        '[crm]\norganization = "acme"\nverify = "bus"\n'
        'bus = { source = "com.acme.crm", detail_type = "Deposition Canceled" }\n'
        'request = { remote_session_id = "body.detail.id", cancel_without_email = false }\n'
    )
    return folder


@pytest.fixture(scope="module")
def two(folder: Path) -> Iterator[tuple[stack.StackInfo, stack.StackInfo]]:
    """One with the shipped configuration, one with a folder of its own; started by a developer logged in to AWS."""
    with ExitStack() as both:
        with pytest.MonkeyPatch.context() as environment:
            for name, value in DEVELOPERS.items():
                environment.setenv(name, value)
            one = both.enter_context(stack.local_stack(stack.make_plan(name=NAMES[0])))
            other = both.enter_context(stack.local_stack(stack.make_plan(name=NAMES[1], config=folder)))
        yield one.info, other.info


def environment_of_functions(info: stack.StackInfo) -> list[str]:
    """The environments of ministack and of all that it started, as text."""
    group = info.pids["ministack"]
    processes = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return [Path(f"/proc/{pid}/environ").read_text() for pid in processes if group_of(pid) == group]


def group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def test_the_api_answers(two: tuple[stack.StackInfo, stack.StackInfo]) -> None:
    for info in two:
        assert ask("GET", f"{info.api_url}/v1/health")[0] == 200


def test_an_unsigned_webhook_reaches_the_function(two: tuple[stack.StackInfo, stack.StackInfo]) -> None:
    status, _ = ask("POST", f"{two[0].api_url}/v1/webhooks/example-crm", timeout=20)
    assert status in {200, 401}


def test_what_the_info_names_is_there(two: tuple[stack.StackInfo, stack.StackInfo]) -> None:
    info = two[0]
    queues = stack.client("sqs", info.aws_endpoint_url)
    for url in (info.queue_url, info.dead_letter_queue_url, info.bus_dead_letter_queue_url):
        assert queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    assert stack.client("dynamodb", info.aws_endpoint_url).describe_table(TableName=info.ledger_table)
    assert stack.client("events", info.aws_endpoint_url).describe_event_bus(Name=info.bus_name)


def test_the_signing_secret_is_the_stored_one(two: tuple[stack.StackInfo, stack.StackInfo]) -> None:
    source = two[0].source("example-crm")
    stored = stack.client("secretsmanager", two[0].aws_endpoint_url).get_secret_value(
        SecretId="prevail-cancellations/local/sources/example-crm"
    )
    assert json.loads(stored["SecretString"]) == {"signing_secret": source.secret}


def test_a_configuration_of_ones_own_is_a_layer_of_every_function(
    two: tuple[stack.StackInfo, stack.StackInfo],
) -> None:
    functions = stack.client("lambda", two[1].aws_endpoint_url).list_functions()["Functions"]
    assert functions
    for function in functions:
        assert "prevail-cancellations-config" in json.dumps(function["Layers"])


def test_its_bus_lets_in_what_that_configuration_names(
    two: tuple[stack.StackInfo, stack.StackInfo],
) -> None:
    rules = stack.client("events", two[1].aws_endpoint_url).list_rules(EventBusName=two[1].bus_name)
    assert "Deposition Canceled" in rules["Rules"][0]["EventPattern"]


def test_functions_see_nothing_of_the_developers_aws(two: tuple[stack.StackInfo, stack.StackInfo]) -> None:
    seen = environment_of_functions(two[0])
    assert len(seen) >= 2
    for text in seen:
        assert not [value for value in DEVELOPERS.values() if value in text]
        assert f"HOME={Path.home()}\0" not in text


def test_two_stacks_share_no_address(two: tuple[stack.StackInfo, stack.StackInfo]) -> None:
    one, other = two
    assert one.aws_endpoint_url != other.aws_endpoint_url
    assert one.prevail_url != other.prevail_url


def test_stopping_one_leaves_the_other(two: tuple[stack.StackInfo, stack.StackInfo]) -> None:
    with stack.local_stack(stack.make_plan(name=f"runs-{os.getpid()}-c")):
        pass
    assert stack.running(NAMES[0]) == two[0]
    assert ask("GET", f"{two[1].api_url}/v1/health")[0] == 200
