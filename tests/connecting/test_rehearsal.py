"""`cancelctl sources try`, as values: what is found, what is wrong, how to mend it, and never a secret."""

import json
from dataclasses import replace

import pytest

from cancellations.domain import BusMatch
from cancellations.source.expressions import compiled
from connecting.arriving import SOURCES, Recorded, event_of, found, recorded, the, webhooks
from trial.gallery import SAMPLES, Event, Sample
from trial.gallery.published import AT
from trial.rehearsal import play
from trial.rehearsal.rooms import IN_THE_LEDGER

each_webhook = pytest.mark.parametrize("sample", webhooks(), ids=lambda sample: sample.name)
ON_THE_BUS = [sample for sample in SAMPLES.values() if sample.kind is Event]


def becomes(word: str) -> str:
    return "a request to cancel" if word == "canceled" else word


@each_webhook
def test_a_sample_becomes_what_it_says_and_nothing_is_found_wrong(sample: Sample) -> None:
    report = recorded(sample.name).report()
    assert (report.good, [item.becomes for item in report.items]) == (
        True,
        [becomes(w) for w in sample.becomes],
    )
    parts = (*report.parts, *(part for item in report.items for part in item.parts))
    assert [finding for part in parts for finding in part.findings if finding.good is False] == []
    assert report.causes == ()


@each_webhook
def test_a_sample_is_read_without_its_secret_too(sample: Sample) -> None:
    report = recorded(sample.name).report(verified=False)
    assert [item.becomes for item in report.items] == [becomes(word) for word in sample.becomes]
    assert "nobody" in the(report, "verified by").said


@pytest.mark.parametrize("sample", ON_THE_BUS, ids=lambda sample: sample.name)
def test_a_bus_event_becomes_what_its_sample_says(sample: Sample) -> None:
    report = play.bus_event(SOURCES[sample.source], event_of(sample.name), None, AT)
    assert (report.good, [item.becomes for item in report.items]) == (
        True,
        [becomes(w) for w in sample.becomes],
    )
    assert report.answer is None


def test_an_event_of_something_else_is_told_apart() -> None:
    report = play.bus_event(SOURCES["event-relay"], event_of("bus"), "111122223333", AT)
    assert not report.good
    assert [the(report, name).good for name in ("source", "detail-type", "account")] == [False] * 3


def test_the_request_is_shown_with_its_id() -> None:
    (item,) = recorded("webhook").report().items
    assert item.request
    assert (item.request["remote_session_id"], len(str(item.request["id"]))) == ("session-of-tuesday", 64)


def test_the_answer_is_the_receivers_own() -> None:
    answers = {
        name: recorded(name).report().answer
        for name in ("webhook", "calendly-rescheduled", "salesforce-outbound")
    }
    assert answers == {"webhook": 202, "calendly-rescheduled": 200, "salesforce-outbound": 200}


def test_a_session_that_the_ledger_would_tell_is_left_open() -> None:
    report = recorded("clio").report()
    assert report.good
    assert "cancelctl sources map clio" in (the(report, "remote_session_id").mend or "")
    assert (report.items[0].request or {})["remote_session_id"] == IN_THE_LEDGER


def test_observed_requests_are_said_to_be() -> None:
    assert "nobody calls Prevail" in recorded("webhook", mode="observe").report().verdict


# ── No secret is told ─────────────────────────────────────────────────────────────────────────────


def secrets_of(one: Recorded) -> list[str]:
    presented = one.delivery.headers.get("authorization") or one.delivery.headers.get("x-api-key") or ""
    return [one.secret, *presented.split()[-1:]]


@each_webhook
def test_neither_a_secret_nor_what_travels_as_one_is_told(sample: Sample) -> None:
    good = recorded(sample.name)
    wrong = good.but(secret="firm:" + "k3J9" * 10, body=good.delivery.body + b" ")
    if "jwks" in good.secret or good.secret.startswith("{"):
        wrong = good
    for one in (good, wrong):
        told = json.dumps([one.report().as_dict(), one.report(verified=False).as_dict()])
        assert [secret for secret in secrets_of(one) if secret and secret in told] == []


def test_an_expression_that_reads_the_secrets_header_tells_nothing() -> None:
    reading = replace(SOURCES["api-key"].expressions, reason=compiled('headers."x-api-key"'))
    one = recorded("api-key", expressions=reading)
    told = json.dumps(one.report().as_dict())
    assert "(secret)" in told
    assert one.secret not in told


# ── Who sent it ───────────────────────────────────────────────────────────────────────────────────


def test_a_fitting_signature_names_its_key() -> None:
    assert the(recorded("slack").report(), "signature").said == "fits, by the secret 'current'"


def test_a_time_outside_the_tolerance_says_how_to_try_it_then() -> None:
    timestamp = the(replace(recorded("slack"), now=AT + 301.0).report(), "timestamp")
    assert timestamp.good is False
    assert timestamp.mend == "For a recorded delivery, say when it was: --at 2026-11-20T18:00:00Z"


def test_a_timestamp_of_another_form_says_which_it_must_have() -> None:
    timestamp = the(recorded("slack").but(x_slack_request_timestamp="2026-11-20").report(), "timestamp")
    assert "ten digits" in (timestamp.mend or "")


def test_headers_of_another_sender_are_recognized() -> None:
    theirs = replace(recorded("svix").delivery, source="slack")
    missing = the(replace(recorded("slack"), delivery=theirs).report(), "header x-slack-signature")
    assert missing.good is False
    assert missing.mend == "These look like the headers of: svix."


def test_a_signature_under_another_prefix_is_there_and_does_not_count() -> None:
    header = the(recorded("slack").but(x_slack_signature="v1=00").report(), "header x-slack-signature")
    assert "no part of it begins with 'v0='" in header.said


def test_an_unusable_secret_is_told_before_anything_else() -> None:
    report = recorded("slack").but(secret="too short").report()
    assert (report.answer, report.verdict) == (
        503,
        "refused: secret slack, current: holds 9 bytes; at least 32 are needed",
    )


@pytest.mark.parametrize(
    ("name", "now", "secret", "finding", "said"),
    [
        ("jwt", AT + 361.0, None, "exp", "61 s ago"),
        ("jwt", AT - 61.0, None, "iat", "61 s from now"),
        ("jwt", AT, "0123456789abcdef0123456789abcdef", "token", "not signed with a known key"),
        ("api-key", AT, "0123456789abcdef0123456789abcdef", "secret", "the secret is another"),
    ],
)
def test_what_is_wrong_with_a_token_or_key_is_told(
    name: str, now: float, secret: str | None, finding: str, said: str
) -> None:
    report = replace(recorded(name).but(secret=secret), now=now).report()
    wrong = [one for one in found(report, finding) if one.good is False]
    assert not report.good
    assert [one for one in wrong if said in one.said]


def test_a_greeting_is_recognized() -> None:
    one = recorded("clio").but(body=b'{"data":{"webhook_id":1}}', x_hook_secret="abc", x_hook_signature=None)
    assert (one.report().good, one.report().verdict) == (True, "a greeting, which is sent back")


def test_a_webhook_for_a_bus_source_is_refused() -> None:
    report = play.webhook(SOURCES["example-bus"], recorded("webhook").delivery, None, AT)
    assert (report.good, report.answer) == (False, 401)


def test_a_bus_event_for_a_webhook_source_is_refused() -> None:
    assert not play.bus_event(SOURCES["slack"], event_of("bus"), None, AT).good


def test_the_account_of_a_bus_event_counts_where_the_table_names_it() -> None:
    bus = BusMatch("com.example.crm", "DepositionCanceled", "111122223333")
    report = play.bus_event(replace(SOURCES["example-bus"], bus=bus), event_of("bus"), None, AT)
    assert the(report, "account").good is False
