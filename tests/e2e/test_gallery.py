"""Every sample of events/, sent to a stack with a source for each: what `cancelctl send` sends becomes what it says."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.deliveries import a_session
from prevail.client import Emulator
from stack import StackInfo, local_stack, make_plan
from trial.gallery import SAMPLES, Sample
from trial.gallery.files import CONFIG
from trial.senders import Senders, fresh
from trial.sending import make_ready, send
from trial.watch import Watch

each_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)


@pytest.fixture(scope="module")
def gallery(request: pytest.FixtureRequest) -> Iterator[StackInfo]:
    """A stack of its own, with the configuration of the samples."""
    with local_stack(make_plan(name=f"e2e-{os.getpid()}-gallery", config=CONFIG)) as running:
        yield running.info
    if not request.session.testsfailed:
        shutil.rmtree(Path(running.info.log_files["supervisor"]).parent)


@each_sample
def test_a_sample_ends_as_it_says(sample: Sample, gallery: StackInfo) -> None:
    sent = Senders(gallery).made(sample, fresh())
    make_ready(Emulator(gallery.prevail_url), sent)
    assert tuple(one.word for one in send(gallery, sent)) == sample.becomes


def test_a_second_one_that_names_the_same_session_finds_it_canceled(gallery: StackInfo) -> None:
    sample = SAMPLES["calendly"]
    for _ in range(2):
        (second,) = send(gallery, Senders(gallery).made(sample, fresh()))
    assert (second.word, second.is_as("canceled")) == ("already_canceled", True)


@pytest.fixture
def cancelctl(gallery: StackInfo) -> "Cancelctl":
    """Runs a command for this stack, as a person does."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("cancelctl")), *arguments, "--name", gallery.name]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=90)

    return run


type Cancelctl = Callable[..., subprocess.CompletedProcess[str]]


def test_a_sample_is_sent_by_its_name(cancelctl: Cancelctl) -> None:
    sent = cancelctl("send", "hubspot")
    assert (sent.returncode, sent.stdout.count("request   ")) == (0, 2), sent.stderr


def test_a_sample_that_is_no_cancellation_says_which_filter_said_so(cancelctl: Cancelctl) -> None:
    sent = cancelctl("send", "calendly-rescheduled")
    assert (sent.returncode, sent.stdout) == (0, "ignored by not-rescheduled\n")


def test_a_sample_that_ends_otherwise_is_a_failure(cancelctl: Cancelctl, gallery: StackInfo) -> None:
    active = a_session(Emulator(gallery.prevail_url), "active")
    sent = cancelctl("send", "svix", "--session", active)
    assert (sent.returncode, "refused: wrong_state" in sent.stdout) == (1, True), sent.stderr


def test_a_sample_whose_session_is_looked_up_takes_no_other(cancelctl: Cancelctl) -> None:
    sent = cancelctl("send", "hubspot", "--session", "mine")
    assert (sent.returncode, "leave --session out" in sent.stderr) == (2, True)


def test_a_session_is_canceled_in_our_own_words(cancelctl: Cancelctl, gallery: StackInfo) -> None:
    prevail = Emulator(gallery.prevail_url)
    session = a_session(prevail)
    asked = cancelctl(
        "cancel", "example-legal", session, "--without-email", "--reason", "It settled.", "--json"
    )
    assert asked.returncode == 0, asked.stderr
    request = json.loads(asked.stdout)
    assert (request["status"], request["reason"], request["source"]) == ("canceled", "It settled.", "api")
    assert (prevail.session(session).state, prevail.session(session).emails) == ("canceled", 0)


def test_an_organization_that_is_not_configured_is_told_in_the_apis_words(cancelctl: Cancelctl) -> None:
    asked = cancelctl("cancel", "nobody", "session")
    assert (asked.returncode, "organization is not one that is configured" in asked.stderr) == (2, True)


def test_what_a_senders_id_means_is_told_once(cancelctl: Cancelctl) -> None:
    told = [cancelctl("sources", "map", "clio", "4711", session) for session in ("s1", "s1", "s2")]
    assert [ended.returncode for ended in told] == [0, 0, 2]
    assert "'4711' of clio means 's1' already" in told[2].stderr


def test_nothing_was_sent_to_the_dead_letters(gallery: StackInfo) -> None:
    Watch(gallery).idle()
    assert Watch(gallery).dead_letters() == 0
