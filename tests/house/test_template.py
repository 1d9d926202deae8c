"""template.yaml agrees with the code that it deploys. What it protects and how is tried in tests/controls."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from cancellations import __version__, cancel, notify, wait
from cancellations.adapters import prevail, receivers
from cancellations.adapters.aws import LONGEST_CALL_S, LONGEST_QUICK_CALL_S
from cancellations.backoff import LOOK_AFTER_S
from cancellations.errors import ConfigurationError
from cancellations.settings import Settings
from cancellations.wiring.requests import LEASE_S
from house.template import ROOT, authorization_of_routes, of_type, template
from stack import surroundings
from stack.places import SAM

FUNCTIONS = of_type("AWS::Serverless::Function")
TIMEOUT = FUNCTIONS["CancelFunction"]["Timeout"]


# ── The environment and the routes ────────────────────────────────────────────────────────────────


OF_OTHERS = {
    "POWERTOOLS_SERVICE_NAME",  # the logger's
    "RES_OPTIONS",  # the C library's: its resolver
}


def test_the_functions_get_every_variable_that_is_read_and_no_other() -> None:
    given = template()["Globals"]["Function"]["Environment"]["Variables"].keys()
    for function in FUNCTIONS.values():
        assert "Environment" not in function
    assert given - OF_OTHERS == set(read())


def read() -> Iterator[str]:
    """The names that Settings asks the environment for."""
    asked: list[str] = []

    class Asked(dict[str, str]):
        def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - dict's own signature
            asked.append(key)
            return default

    with pytest.raises(ConfigurationError):
        Settings.from_env(Asked())
    assert len(set(asked)) == len(fields(Settings))
    yield from asked


def test_the_api_has_the_routes_that_the_door_answers() -> None:
    door = (ROOT / "functions" / "receive" / "app.py").read_text()
    answered = set(re.findall(r'"([A-Z]+ /[^"]*)"', door))
    assert authorization_of_routes().keys() == answered


def test_every_function_of_the_template_is_a_door_and_every_door_is_deployed() -> None:
    doors = {f"functions/{folder.name}" for folder in (ROOT / "functions").iterdir() if folder.is_dir()}
    assert {function["CodeUri"] for function in FUNCTIONS.values()} == doors


# ── Times that must fit each other ────────────────────────────────────────────────────────────────


def test_an_outcome_comes_as_often_as_there_are_waits_and_no_wait_is_too_long_for_the_queue() -> None:
    queue = of_type("AWS::SQS::Queue")["Callbacks"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == notify.TRIES
    longest = max(*notify.WAITS_S, notify.LONGEST_WAIT_S) * 1.1
    assert longest + FUNCTIONS["NotifyFunction"]["Timeout"] < 12 * 3600
    assert sum(notify.WAITS_S) * 1.1 < queue["MessageRetentionPeriod"] / 2


def test_telling_a_receiver_fits_into_the_functions_time() -> None:
    secret_and_put_off = 2 * LONGEST_CALL_S
    assert receivers.TOTAL_S + secret_and_put_off <= FUNCTIONS["NotifyFunction"]["Timeout"]


def test_a_lease_outlives_the_worker_and_clocks_that_differ() -> None:
    assert LEASE_S >= TIMEOUT + LOOK_AFTER_S


def test_an_attempt_fits_into_the_workers_time() -> None:
    key_and_claim = 2 * LONGEST_CALL_S
    assert key_and_claim + cancel.CALL_S + cancel.AFTERWARDS_S <= TIMEOUT


def test_recording_and_settling_fit_into_what_is_kept_for_them() -> None:
    assert cancel.AFTERWARDS_S >= 2 * LONGEST_CALL_S


def test_the_longest_wait_fits_into_the_receivers_time() -> None:
    assert FUNCTIONS["ReceiveFunction"]["Timeout"] >= wait.LONGEST_S + wait.ANSWER_S


def test_the_last_look_of_whoever_waits_leaves_time_to_answer() -> None:
    assert LONGEST_QUICK_CALL_S < wait.ANSWER_S


def test_a_call_ends_by_itself_within_what_is_counted_for_it() -> None:
    assert prevail.TOTAL_S <= cancel.CALL_S


def test_what_is_published_is_of_this_version_and_has_its_files() -> None:
    published = template()["Metadata"]["AWS::ServerlessRepo::Application"]
    assert published["SemanticVersion"] == __version__
    assert re.fullmatch(r"[a-z0-9](-?[a-z0-9])*", published["Author"])
    assert [name for name in ("LicenseUrl", "ReadmeUrl") if not (ROOT / published[name]).is_file()] == []


def test_a_deployment_makes_a_ledger_of_its_own() -> None:
    """AWS makes up a name that nobody has used; one that we gave it would be taken where an older ledger remains."""
    assert "TableName" not in template()["Resources"]["Ledger"]["Properties"]


@pytest.mark.stack
def test_sam_calls_the_template_valid() -> None:
    validated = subprocess.run(
        [SAM, "validate", "--lint", "--template-file", ROOT / "template.yaml"],
        env=surroundings.for_sam(None),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert validated.returncode == 0, validated.stdout + validated.stderr
