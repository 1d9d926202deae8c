"""`cancelctl state`: was it cancelled? Prevail's list over a socket beside the ledger's table."""

import time

import pytest

from builders import a_result, an_organization_table, some_configuration, some_evidence
from cancellations.domain import Outcome
from cancellations.results import of_answer
from cancellations.waits import Waits
from cli import state as command
from duty.site import ACME, KEY, PREFIX, TABLE, Site, client, replace, secrets_in
from oncall.comparison import CANCELED, OTHERS, ROWS, row_for
from prevail.model import State
from prevail.tokens import sign
from stage import NOT_SENT, READ_TIMEOUT
from wire_server import says, wire_server

ALONE = "no-such-stack"


def listed(site: Site, session: str = "s1", state: State = "ready", starts_at: int = 1_900_000_000) -> None:
    site.emulator.put_session(session, organization=ACME, state=state, starts_at=starts_at)


def canceled_by_us(site: Site, at: float | None = None) -> str:
    """at: when, if not now."""
    request = site.asked()
    site.ledger.record_canceled(
        request,
        site.claimed(request, at),
        ours=True,
        result=a_result(200, "done"),
        evidence=some_evidence(200, "done"),
    )
    return request.id


# ── The verdict ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("state", "code", "verdict"),
    [
        ("canceled", 0, "canceled"),
        ("ready", 1, "not canceled"),
        ("scheduled", 1, "not canceled"),
        ("active", 1, "not canceled"),
        (None, 2, "could not be told"),
    ],
)
def test_prevails_word_is_the_verdict_and_the_exit_code(
    site: Site, state: State | None, code: int, verdict: str
) -> None:
    if state:
        listed(site, state=state)
    ended = site.state("s1")
    assert (ended.code, ended.stdout.splitlines()[0]) == (code, verdict)


def test_what_both_know_names_who_did_it(site: Site) -> None:
    listed(site, state="canceled")
    request = canceled_by_us(site)
    told = site.state("s1", "--json").told
    assert (told["canceled"], told["differ"], told["ledger"]["canceled_by"]) == (True, False, request)
    assert told["requests"][0]["id"] == request


def test_one_screen_tells_both_sides_the_attempts_the_requests_and_what_it_means(site: Site) -> None:
    listed(site, state="canceled")
    request = canceled_by_us(site)[:12]
    labels = [line[:11].strip() for line in site.state("s1").stdout.splitlines()]
    assert labels == ["canceled", "session", "Prevail", "ledger", "attempt", "request", "means"]
    assert f"by request {request}" in site.state("s1").stdout


# ── Where the two differ ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("chosen", "said"),
    [("review", "settles as needs_review: session_restored"), ("cancel", "cancels it too")],
)
def test_a_session_that_was_put_back_says_how_to_cancel_it_anew(site: Site, chosen: str, said: str) -> None:
    some_configuration(site.config, organizations={ACME: an_organization_table(on_restored=chosen)})
    listed(site)
    canceled_by_us(site, at=1_800_000_000)
    ended = site.state("s1")
    assert ended.code == 1
    assert "they differ" in ended.stdout
    assert "(HTTP 200: done), and Prevail says ready: somebody put it back" in ended.stdout
    assert f"cancelctl cancel {ACME} s1, not before 2027-01-15T08:15:00Z" in ended.stdout
    assert said in ended.stdout


def test_a_look_at_a_canceled_session_that_never_ended_leaves_it_canceled(site: Site) -> None:
    listed(site, state="canceled")
    now = time.time()
    canceled_by_us(site, at=now - 3600)
    anew = site.asked(event_id="anew", accepted_at=now - 600)
    site.claimed(anew, now=now - 600)
    told = site.state("s1", "--json").told
    assert (told["ledger"]["state"], told["ledger"]["standing"]) == ("in_flight", "canceled")
    assert told["differ"] is False


def test_what_was_canceled_in_the_console_needs_nothing(site: Site) -> None:
    listed(site, state="canceled")
    request = site.asked()
    site.ledger.record_unsent(request, site.claimed(request), of_answer(NOT_SENT))
    ended = site.state("s1")
    assert ended.code == 0
    assert "they differ" in ended.stdout
    assert "settles as already_canceled" in ended.stdout


@pytest.mark.parametrize(
    ("state", "code", "said"),
    [("canceled", 0, "the next attempt looks, and writes it down"), ("ready", 1, "It is too soon to say")],
)
def test_a_call_that_may_be_on_its_way_says_when_to_ask_again(
    site: Site, state: State, code: int, said: str
) -> None:
    listed(site, state=state)
    request, now = site.asked(), time.time()
    site.ledger.record_unknown(
        request, site.claimed(request), of_answer(READ_TIMEOUT), now=now, settling_s=90
    )
    ended = site.state("s1", "--json")
    assert ended.code == code
    assert ended.told["ledger"]["standing"] == "settling"
    assert said in f"{ended.told['means']} {ended.told['do']}"
    assert ended.told["ledger"]["look_after"] in ended.told["do"]


def test_a_doubt_that_can_be_looked_into_is_answered_by_the_list(site: Site) -> None:
    listed(site)
    request = site.asked()
    site.ledger.record_unknown(
        request, site.claimed(request), of_answer(READ_TIMEOUT), now=1.0, settling_s=90
    )
    assert "The call in doubt had no effect." in site.state("s1").stdout


def test_a_worker_that_never_came_back_is_told_from_one_at_work(site: Site) -> None:
    listed(site)
    site.claimed(site.asked(), now=time.time() - 1000)
    assert "and never came back" in site.state("s1").stdout
    listed(site, "s2")
    site.claimed(site.asked("s2"))
    assert "an attempt holds it until" in site.state("s2").stdout


def test_every_pair_of_words_has_a_meaning() -> None:
    standings = {standing for _, standing in ROWS}
    assert standings == set(command.STANDINGS)
    rows = [row_for(word, standing) for word in CANCELED for standing in standings]
    assert len(rows) == 40
    assert set(rows) == {*ROWS.values(), *OTHERS.values()}


# ── Its requests ──────────────────────────────────────────────────────────────────────────────────


def test_a_request_that_waits_is_found_before_the_session_knows_it(site: Site) -> None:
    listed(site)
    request = site.asked()
    site.ledger.postpone(request, "held", waits=Waits("key_refused"), next_at=time.time() + 120)
    (told,) = site.state("s1", "--json").told["requests"]
    assert (told["status"], told["waiting_for"]) == ("held", "Prevail refuses the API key")


def test_requests_for_other_sessions_and_organizations_are_not_told(site: Site) -> None:
    listed(site)
    site.asked("s2")
    site.asked(organization="globex")
    assert site.state("s1", "--json").told["requests"] == []


def test_a_refused_request_says_why(site: Site) -> None:
    listed(site)
    request = site.asked()
    outcome = Outcome("refused", "not_permitted", evidence=some_evidence(403, "no Self-Service"))
    site.ledger.record_refused(request, site.claimed(request), outcome, a_result(403))
    site.ledger.settle(request, outcome, time.time())
    assert "refused, by acme, not_permitted: HTTP 403: no Self-Service" in site.state("s1").stdout


def test_more_than_fit_a_screen_are_counted(site: Site) -> None:
    listed(site)
    for n in range(8):
        site.asked(event_id=f"e{n}")
    ended = site.state("s1")
    assert "3 more requests: --json" in ended.stdout
    assert len(site.state("s1", "--json").told["requests"]) == 8


# ── How the list is read ──────────────────────────────────────────────────────────────────────────


def test_list_is_read_around_the_given_time_and_not_around_the_requests(site: Site) -> None:
    listed(site)
    site.asked(starts_at=1_950_000_000.0)
    assert site.state("s1", "--starts-at", "2030-03-17T18:00:00Z").code == 1
    assert [call.query for call in site.emulator.calls()] == [
        "page=1&start_time=1899914400&end_time=1900087200"
    ]


def test_pages_that_cannot_be_read_are_explained_and_the_start_helps(site: Site) -> None:
    listed(site, "early", starts_at=1_800_000_000)
    listed(site)
    site.emulator.put_switches(page_parameter="none", page_items=1)
    ended = site.state("s1")
    assert ended.code == 2
    assert "pages_unread: the list has several pages" in ended.stdout
    assert "--starts-at" in ended.stdout
    assert site.state("s1", "--starts-at", "2030-03-17T18:00:00Z").code == 1


def test_the_list_is_read_around_what_the_request_says_first(site: Site) -> None:
    listed(site)
    site.asked(starts_at=1_900_000_000.0)
    assert site.state("s1").code == 1
    assert [call.query for call in site.emulator.calls()] == [
        "page=1&start_time=1899913600&end_time=1900086400"
    ]


def test_a_session_that_was_moved_is_found_in_the_whole_list(site: Site) -> None:
    listed(site)
    site.asked(starts_at=1_950_000_000.0)
    assert site.state("s1").code == 1


# ── What could not be read ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("401-none", "store the active key of Prevail's console in the secret"),
        ("403-none", "Self-Service"),
        ("404-none", "check base_url"),
        ("500-none", "look at Prevail"),
        ("429-seconds-5", "ask again later"),
        ("redirect", "no token is sent to"),
        ("body-html", "no list of sessions"),
    ],
)
def test_a_list_that_cannot_be_read_says_what_came_and_what_to_do(site: Site, fault: str, said: str) -> None:
    listed(site, state="canceled")
    site.emulator.add_fault(fault)
    ended = site.state("s1")
    assert ended.code == 2
    assert "could not be read" in ended.stdout
    assert said in ended.stdout


def test_a_list_that_never_comes_ends_at_the_organizations_deadline(site: Site) -> None:
    some_configuration(site.config, organizations={ACME: an_organization_table(deadline_s=1)})
    site.emulator.add_fault("silent-before")
    ended = site.state("s1")
    assert ended.code == 2
    assert "look at Prevail" in ended.stdout


def test_where_prevail_does_not_answer_the_ledgers_word_is_told_as_what_it_is(site: Site) -> None:
    canceled_by_us(site)
    site.emulator.add_fault("500-none")
    ended = site.state("s1")
    assert ended.code == 2
    assert "By the ledger it is canceled (HTTP 200: done). Prevail did not confirm it." in ended.stdout


def test_a_list_that_hides_what_is_canceled_differs_from_the_ledger(site: Site) -> None:
    listed(site, state="canceled")
    site.emulator.put_switches(canceled_sessions="hidden")
    canceled_by_us(site)
    ended = site.state("s1")
    assert ended.code == 2
    assert "it may leave out what is canceled" in ended.stdout


def test_a_ledger_that_does_not_answer_leaves_prevails_word(site: Site) -> None:
    listed(site, state="canceled")
    client("dynamodb").update_table(TableName=TABLE, DeletionProtectionEnabled=False)
    client("dynamodb").delete_table(TableName=TABLE)
    ended = site.state("s1")
    assert ended.code == 0
    assert (
        "ledger     could not be read: the ledger's table refused: ResourceNotFoundException" in ended.stdout
    )


def test_a_secret_that_cannot_be_used_is_named(site: Site) -> None:
    replace(f"organizations/{ACME}", {"api_key": "<replace-me-by-the-real-one-please>"})
    ended = site.state("s1")
    assert ended.code == 2
    assert f"{PREFIX}/organizations/{ACME}: " in ended.stdout
    assert "placeholder" in ended.stdout


# ── Whatever it reads ─────────────────────────────────────────────────────────────────────────────


def test_it_changes_nothing(site: Site) -> None:
    listed(site)
    request = site.asked()
    site.claimed(request, now=time.time() - 1000)
    before = client("dynamodb").scan(TableName=TABLE)["Items"]
    site.state("s1")
    assert client("dynamodb").scan(TableName=TABLE)["Items"] == before
    assert site.operations
    assert site.wrote() == []


def test_a_server_that_repeats_the_token_does_not_get_it_printed(site: Site) -> None:
    token = sign(ACME, KEY, expires_at=time.time() + 60)
    body = f'{{"error": "who is {token}?"}}'.encode()
    answer = b"HTTP/1.1 400 No\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    with wire_server(says(answer)) as server:
        site.emulator.url = server.url
        texts = [site.state("s1").stdout, site.state("s1", "--json").stdout]
    assert all("who is [token]?" in text for text in texts)
    assert secrets_in(texts, [KEY]) == []


# ── What is refused ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--table", "t"), "--table needs --secrets PREFIX"),
        (("--table", "t", "--name", ALONE, "--secrets", "p"), "not both"),
        (("--table", "t", "--stack", "s", "--secrets", "p"), "not both"),
        (("--name", ALONE, "--secrets", "p"), "go with --table"),
        (("--name", ALONE), f"cancelctl local up --name {ALONE}"),
        (("--stack", "nobodys"), "stack nobodys in AWS cannot be read"),
        (("--starts-at", "tuesday"), "--starts-at tuesday"),
        (("--table", "t", "--secrets", "p", "--prevail-url", "http://example.com"), "is not https"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_never_taken_for_not_canceled(
    site: Site, arguments: tuple[str, ...], said: str
) -> None:
    ended = site.cancelctl("state", ACME, "s1", *arguments)
    assert (ended.code, ended.stdout) == (2, "")
    assert said in ended.stderr


def test_an_organization_that_is_not_there_is_refused_with_those_that_are(site: Site) -> None:
    ended = site.cancelctl("state", "acme-lega", "s1", *site.table)
    assert ended.code == 2
    assert ACME in ended.stderr
