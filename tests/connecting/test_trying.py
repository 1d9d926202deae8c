"""`cancelctl sources try`: secrets as they are found in files, causes as JSON, and no secret in any of them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cancellations.ports import Stored
from cli.main import app
from connecting.arriving import Recorded, event_of, recorded, the
from connecting.broken import credentials, messages, readings, signatures
from connecting.broken.ways import b64, header, mac, signed_as, signing
from stack import Refused
from trial.gallery.files import CONFIG, EVENTS
from trial.rehearsal import play, unexplained
from trial.rehearsal.causes import Table
from trial.rehearsal.proving import Besides
from trial.rehearsal.signatures import keys, places
from trial.rehearsal.signatures.addresses import Seen
from trial.rehearsal.signatures.messages import MOST_BYTES
from trial.rehearsal.signatures.search import Search

AT = "2026-11-20T18:00:00Z"
SLACK, GITHUB = recorded("slack"), recorded("github")

EVERY = {
    f"{place} {name}": row[0]
    for place, group in enumerate(
        (
            signatures.ADDRESSES,
            signatures.WRITING,
            signatures.PLACES,
            signatures.SECRETS,
            messages.TIMES,
            messages.TEMPLATES,
            messages.BODIES,
            credentials.TOKENS,
            credentials.API_KEYS,
            readings.READING,
        )
    )
    for name, row in group.items()
}


# ── No secret is told ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("one", EVERY.values(), ids=EVERY)
def test_no_cause_tells_a_secret(one: Recorded) -> None:
    """Neither as it is stored, nor as it was meant, nor as its sample has it."""
    told = json.dumps(one.report().as_dict())
    meant = [text.value for text in keys.repaired(one.secret) if len(text.value) > 20]
    canaries = [*meant, str(recorded_secret(one)), *one.delivery.headers.get("authorization", "").split()[1:]]
    assert [canary for canary in canaries if "keys" not in canary and canary in told] == []


def recorded_secret(one: Recorded) -> str:
    return one.secret.strip("\ufeff\u00a0\"' \n")


@pytest.mark.parametrize(
    "words", ['key = "{}"', "{}\n", "\ufeff{}", '"{}"', "v1,{}", '{{"a":"{}"}}'], ids=range(6)
)
def test_a_body_that_repeats_the_meant_secret_is_veiled(words: str) -> None:
    canary = "c4N4ry" * 6
    one = recorded("hmac").but(secret=words.format(canary), body=canary.encode())
    told = json.dumps(one.report().as_dict())
    assert canary not in told
    assert "1795197600.(secret)" in told


def test_a_secret_that_is_stored_percent_encoded_is_veiled_decoded() -> None:
    canary = "c4N4ry" * 6
    one = recorded("hmac").but(secret="".join(f"%{ord(c):02X}" for c in canary), body=canary.encode())
    told = json.dumps(one.report().as_dict())
    assert canary[:12] not in told
    assert "1795197600.(secret)" in told


@pytest.mark.parametrize("before", range(0, 100, 7))
def test_a_secret_that_is_cut_off_is_veiled_too(before: int) -> None:
    """Findings show the beginning of a long text, which may end in the middle of a secret."""
    one = recorded("api-key")
    body = json.dumps({"remote_session_id": "s", "reason": "-" * before + one.secret}).encode()
    assert one.secret[:12] not in json.dumps(one.but(body=body).report().as_dict())


def test_a_broken_body_that_holds_the_secret_is_veiled() -> None:
    one = recorded("api-key")
    told = json.dumps(one.but(body=b'{"reason":"a" ' + one.secret.encode() + b"}").report().as_dict())
    assert not any(one.secret[at : at + 12] in told for at in range(len(one.secret) - 12))


# ── The search ────────────────────────────────────────────────────────────────────────────────────


def a_search(one: Recorded, **changes: Any) -> Search:  # noqa: ANN401 - whatever the field holds
    proof = one.source.proof
    assert proof
    stored = (Stored("current", one.secret),)
    scheme: Any = proof.scheme
    return Search(scheme, Table(one.source.name, one.source.verify), one.delivery, stored, **changes)


PAIRS = {
    "white space and another template": (
        signing("hmac", "{timestamp}{body}").but(secret=recorded("hmac").secret + "\n"),
        {"secret-white-space", "signed"},
    ),
    "quotes and a line break": (
        SLACK.but(secret=f'"{SLACK.secret}"', body=SLACK.delivery.body + b"\n"),
        {"secret-quotes", "body-line-break-added"},
    ),
    "quotes around white space": (
        SLACK.but(secret=f'" {SLACK.secret}"'),
        {"secret-quotes", "secret-white-space"},
    ),
    "another template over another body": (
        signing("hmac", "{body}").but(body=recorded("hmac").delivery.body + b"\n"),
        {"signed", "body-line-break-added"},
    ),
    "base64, another prefix and another digest": (
        header(
            GITHUB,
            "x-hub-signature-256",
            lambda _: "v1=" + b64(mac(GITHUB, digest="sha512")),
        ),
        {"encoding", "signature-prefix", "digest"},
    ),
}


@pytest.mark.parametrize(("one", "codes"), PAIRS.values(), ids=PAIRS)
def test_two_faults_at_once_are_both_named(one: Recorded, codes: set[str]) -> None:
    assert {cause.code for cause in a_search(one).explained().causes} == codes


def test_a_search_ends_when_its_time_is_over() -> None:
    one = SLACK.but(secret=f"{SLACK.secret}\n")
    explained = a_search(one, budget_s=-1.0).explained()
    assert (explained.causes, explained.whole) == ((), False)


def test_a_search_that_ran_out_of_time_says_so() -> None:
    search = a_search(SLACK.but(body=b"a=b"), budget_s=-1.0)
    assert "There was no time" in unexplained.cause(search, search.explained()).said


def test_of_many_signatures_only_some_are_looked_at() -> None:
    headers = {f"x-{place}": ",".join(["ab" * 32] * 50) for place in range(50)}
    assert len(places.needles(headers, "x-1")) == places.MOST


def test_other_forms_of_a_body_that_is_far_too_large_are_not_made() -> None:
    search = a_search(SLACK.but(body=b"a" * (MOST_BYTES + 1)))
    assert list(search.messages.bodies) == []


def test_a_search_that_ends_says_what_is_ruled_out_and_how_to_go_on() -> None:
    (cause,) = SLACK.but(body=b"a=b").report().causes
    assert "no time" not in cause.said
    assert "other templates" in cause.said
    assert "--secret FILE" in cause.fix


def test_nothing_is_blamed_without_proof() -> None:
    """Secret with white space, but signed with another: the white space is seen, and nothing else is claimed."""
    one = signed_as(SLACK, secret="another secret of 32 characters!").but(secret=SLACK.secret + "\n")
    assert {cause.code for cause in one.report().causes} == {"secret-white-space", "secret-or-body"}


def test_the_query_string_of_a_recorded_event_is_tried() -> None:
    one = signed_as(recorded("square"), url=f"{signatures.ADDRESS}?tenant=7")
    seen = Seen(query="tenant=7")
    (cause,) = a_search(one, seen=seen).explained().causes
    assert (cause.code, "?tenant=7" in cause.said) == ("address-query", True)


def test_the_secret_of_another_source_is_named_by_its_file() -> None:
    one = SLACK.but(secret="another secret of 32 characters!")
    besides = Besides(others=(Stored("slack.json", SLACK.secret),))
    stored = (Stored("current", one.secret),)
    report = play.webhook(one.source, one.delivery, stored, one.now, besides)
    (cause,) = report.causes
    assert (cause.code, "slack.json" in cause.said) == ("another-secret", True)
    assert SLACK.secret not in json.dumps(report.as_dict())


def test_an_api_key_of_another_source_is_named_by_its_file() -> None:
    one = recorded("api-key").but(secret="another secret of 32 characters!")
    besides = Besides(others=(Stored("api-key.json", recorded("api-key").secret),))
    report = play.webhook(one.source, one.delivery, (Stored("current", one.secret),), one.now, besides)
    assert [cause.code for cause in report.causes] == ["another-secret"]


def test_the_older_of_two_secrets_fits() -> None:
    stored = (Stored("current", "another secret of 32 characters!"), Stored("current 2", SLACK.secret))
    report = play.webhook(SLACK.source, SLACK.delivery, stored, SLACK.now)
    assert the(report, "signature").said == "fits, by the secret 'current 2'"


def test_a_secret_that_is_too_short_but_fits_is_only_too_short() -> None:
    one = signed_as(SLACK, secret="qX7mB2vN9cL4").but(secret="qX7mB2vN9cL4")
    assert [cause.code for cause in one.report().causes] == ["secret-refused"]


def test_a_token_without_bearer_is_taken() -> None:
    one = recorded("jwt")
    report = one.but(authorization=one.delivery.headers["authorization"].removeprefix("Bearer ")).report()
    assert report.good


def test_a_key_that_is_listed_twice_is_used() -> None:
    one = recorded("jwt-es256")
    key = json.loads(one.secret)["keys"][0]
    report = one.but(secret=json.dumps({"keys": [key, key]})).report()
    assert report.good


# ── The command ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Tried:
    code: int
    said: str

    @property
    def report(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.said)
        return told

    @property
    def codes(self) -> list[str]:
        return [cause["code"] for cause in self.report["causes"]]


type Try = Callable[..., Tried]


@pytest.fixture
def try_slack(tmp_path: Path) -> Try:
    """Tries the sample with a secret file of this content."""

    def run(content: str | bytes, *more: str | Path, as_json: bool = True) -> Tried:
        file = tmp_path / "secret.json"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        arguments = ["sources", "try", "slack", "--event", EVENTS / "slack.json", "--config", CONFIG]
        arguments += ["--at", AT, "--secret", file, *more, *(["--json"] if as_json else [])]
        ended = CliRunner().invoke(app, list(map(str, arguments)))
        if isinstance(ended.exception, Refused):
            return Tried(2, str(ended.exception))
        return Tried(ended.exit_code, ended.stdout)

    return run


def stored(secret: str) -> str:
    return json.dumps({"signing_secret": secret})


@pytest.mark.parametrize("content", [SLACK.secret, f"{SLACK.secret}\n", f"\ufeff{SLACK.secret}\r\n"])
def test_a_bare_secret_is_used_and_said_to_be_bare(try_slack: Try, content: str) -> None:
    tried = try_slack(content)
    assert (tried.code, tried.codes) == (0, ["secret-bare"])
    assert 'Store it as JSON: {"signing_secret": "…"}' in json.dumps(
        tried.report, ensure_ascii=False
    ).replace('\\"', '"')


@pytest.mark.parametrize(
    ("secret", "code"),
    [
        (f"{SLACK.secret}\n", "secret-white-space"),
        (f" {SLACK.secret}", "secret-white-space"),
        (f'"{SLACK.secret}"', "secret-quotes"),
        (f"\ufeff{SLACK.secret}", "secret-byte-order-mark"),
        (f"v1,{SLACK.secret}", "secret-v1"),
    ],
)
def test_a_faulty_secret_is_explained_and_said_to_fit_once_stored_alone(
    try_slack: Try, secret: str, code: str
) -> None:
    tried = try_slack(stored(secret))
    assert (tried.code, tried.codes) == (2, [code])
    assert "does not fit as it is, but with this change" in tried.said
    assert SLACK.secret not in tried.said


def test_a_placeholder_is_explained_too(try_slack: Try) -> None:
    tried = try_slack(stored("<replace-me-by-the-real-one-if-you-please>"))
    assert (tried.code, tried.report["answer"]) == (2, 503)
    assert "placeholder" in tried.report["verdict"]


def test_a_file_in_utf_16_is_read(try_slack: Try) -> None:
    assert try_slack(stored(SLACK.secret).encode("utf-16")).code == 0


def test_a_second_secret_file_is_one_that_may_be_meant(try_slack: Try) -> None:
    tried = try_slack(stored(SLACK.secret[::-1]), "--secret", EVENTS / "secrets" / "slack.json")
    assert (tried.code, tried.codes) == (2, ["another-secret"])


@pytest.mark.parametrize(
    ("content", "said"), [("{}", "signing_secret"), ("a\nb", "is not JSON"), ("", "not JSON")]
)
def test_a_file_without_a_secret_is_refused(try_slack: Try, content: str, said: str) -> None:
    tried = try_slack(content)
    assert tried.code == 2
    assert said in tried.said


def test_causes_have_a_stable_form(try_slack: Try) -> None:
    (cause,) = try_slack(stored(f"{SLACK.secret}\n")).report["causes"]
    assert sorted(cause) == ["code", "fix", "said"]


def test_a_person_reads_the_cause_and_the_fix(try_slack: Try) -> None:
    said = try_slack(stored(f"{SLACK.secret}\n"), as_json=False).said
    assert "The secret has white space around it." in said
    assert "→ Store it alone" in said


def test_what_a_recorded_event_says_of_its_address_is_used(tmp_path: Path) -> None:
    one = signed_as(recorded("square"), url="https://api.example.org/prod/hook?a=1")
    event = {**event_of("square"), "headers": dict(one.delivery.headers), "rawPath": "/prod/hook"}
    event |= {"rawQueryString": "a=1"}
    event["requestContext"]["domainName"] = "api.example.org"
    (tmp_path / "event.json").write_text(json.dumps(event))
    arguments = [
        "sources",
        "try",
        "square",
        "--event",
        tmp_path / "event.json",
        "--config",
        CONFIG,
        "--at",
        AT,
    ]
    arguments += ["--secret", EVENTS / "secrets" / "square.json", "--json"]
    ended = CliRunner().invoke(app, list(map(str, arguments)))
    told = json.loads(ended.stdout)
    assert [cause["code"] for cause in told["causes"]] == ["address"]


def test_a_good_delivery_has_no_cause() -> None:
    assert replace(SLACK).report().causes == ()
