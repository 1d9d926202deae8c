"""Samples as they are sent to a stack: made anew, by the source that they are for, with what will come of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from builders import a_bus_table, a_source_table, some_configuration
from cancellations.configuration import load_directory
from cancellations.domain import Request
from cancellations.lookup import lookup_key
from stack import Refused, SourceInfo, StackInfo
from stack.issued import form_of
from trial.gallery import SAMPLES, Sample, files
from trial.senders import Senders, Webhook, fresh, words
from trial.sending import Became
from trial.signing import PrivateKey

SOURCES = files.configuration().sources


def a_stack(config: Path = files.CONFIG) -> StackInfo:
    """What is known of a stack with this configuration that nobody has started."""
    sources = load_directory(config).sources.values()
    forms = {source.name: form_of(source) for source in sources}
    return StackInfo(
        name="lab",
        aws_endpoint_url="-",
        region="-",
        api_url="-",
        bus_name="-",
        ledger_table="-",
        queue_url="-",
        dead_letter_queue_url="-",
        bus_dead_letter_queue_url="-",
        prevail_url="-",
        prevail_emulated=True,
        organizations=(),
        sources=tuple(
            SourceInfo(s.name, s.organizations, s.verify, form.made_up() if (form := forms[s.name]) else None)
            for s in sources
        ),
        config=str(config),
        pids={},
        log_files={},
    )


SENDERS = Senders(a_stack())

each_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)


@each_sample
def test_what_will_come_of_a_sample_is_what_it_says(sample: Sample) -> None:
    assert words(SENDERS.made(sample, fresh()).foreseen) == sample.becomes


@each_sample
def test_a_sample_is_made_anew_each_time(sample: Sample) -> None:
    if sample.listed or "canceled" not in sample.becomes:
        assert SENDERS.made(sample, fresh()).source == sample.source  # its sessions are those of the file
        return
    first, second = (SENDERS.made(sample, fresh()).requests for _ in range(2))
    assert {r.id for r in first}.isdisjoint(r.id for r in second)
    assert {r.remote_session_id for r in first}.isdisjoint(r.remote_session_id for r in second)


@each_sample
def test_a_session_of_ones_choice_is_named_where_the_sample_names_one(sample: Sample) -> None:
    named = [r.remote_session_id for r in SENDERS.made(sample, fresh("mine")).requests]
    assert sample.listed or not named or named[0] == "mine"


def test_what_the_ledger_must_know_goes_with_the_sample() -> None:
    sent = SENDERS.made(SAMPLES["clio"], fresh("mine"))
    ((theirs, session),) = sent.mapped.items()
    assert session == "mine"
    assert lookup_key("clio", theirs).startswith("LOOKUP#clio#")


def test_emails_are_spared_where_that_is_asked() -> None:
    (request,) = SENDERS.webhook("mine", without_email=True).requests
    assert request.cancel_without_email


def test_a_forged_one_is_signed_with_another_secret() -> None:
    form = form_of(SOURCES["example-crm"])
    assert form
    genuine, forged = SENDERS.webhook("mine"), SENDERS.webhook("mine", key=form.made_up())
    assert genuine.headers["webhook-signature"] != forged.headers["webhook-signature"]
    assert len(forged.requests) == 1


# ── Which source sends it ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def acme(tmp_path: Path) -> Senders:
    """A stack whose sources have names of their own."""
    tables = {
        "casework": a_source_table(
            verify="github", request={"event_id": "body.id", "remote_session_id": "body.s"}
        ),
        "crm": a_source_table(secret="crm"),
        "events": a_bus_table(),
    }
    return Senders(a_stack(some_configuration(tmp_path, sources=tables)))


def test_the_samples_own_source_sends_it() -> None:
    assert SENDERS.source_for(SAMPLES["calendly-rescheduled"]).name == "calendly"


def test_else_the_first_source_that_makes_of_it_what_it_is(acme: Senders) -> None:
    assert acme.source_for(SAMPLES["webhook"]).name == "crm"
    assert acme.source_for(SAMPLES["bus"]).name == "events"


def test_a_source_may_be_named(acme: Senders) -> None:
    assert acme.source_for(SAMPLES["webhook"], "casework").name == "casework"


@pytest.mark.parametrize(
    ("sample", "source"), [("slack", None), ("event-relay", None), ("webhook", "events"), ("bus", "crm")]
)
def test_without_a_source_for_it_a_stack_with_one_is_named(
    acme: Senders, sample: str, source: str | None
) -> None:
    with pytest.raises(Refused, match="cancelctl local up --config events/config"):
        acme.made(SAMPLES[sample], fresh(), source)


@pytest.mark.parametrize(("sample", "source"), [("slack", "example-crm"), ("webhook", "slack")])
def test_a_source_that_could_not_send_it_is_refused(sample: str, source: str) -> None:
    with pytest.raises(Refused, match=f"{sample} cannot be sent by {source}: the body must be"):
        SENDERS.made(SAMPLES[sample], fresh(), source)


def test_nobody_signs_for_a_sender_whose_private_key_is_unknown(tmp_path: Path) -> None:
    for file in files.CONFIG.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "keys.json").write_text(
        (files.CONFIG / "keys.json").read_text().replace("jwt-e", "another-e")
    )
    with pytest.raises(Refused, match="private key"):
        Senders(a_stack(tmp_path)).made(SAMPLES["jwt-es256"], fresh())


def test_a_private_key_is_in_no_text_of_it() -> None:
    assert "secret-part" not in repr(PrivateKey({"d": "secret-part"}))


# ── What became of it ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("word", "expected", "good"),
    [
        ("canceled", "canceled", True),
        ("already_canceled", "canceled", True),
        ("already_canceled: email_differs", "canceled", True),
        ("observed", "canceled", True),
        ("refused: wrong_state", "canceled", False),
        ("needs_review: x", "canceled", False),
        ("ignored by update", "ignored by update", True),
        ("ignored by canceled", "canceled", False),
        ("canceled", "ignored by canceled", False),
    ],
)
def test_it_ends_as_its_sample_says_or_as_good(word: str, expected: str, good: bool) -> None:
    assert Became(word).is_as(expected) is good


def test_a_webhook_knows_its_only_request() -> None:
    sent = SENDERS.webhook("mine")
    assert isinstance(sent, Webhook)
    (request,) = sent.foreseen
    assert isinstance(request, Request)
    assert sent.request_id == request.id
    with pytest.raises(ValueError, match="unpack"):
        assert replace(sent, foreseen=()).request_id
