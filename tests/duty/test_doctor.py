"""`cancelctl doctor`: each fault that stands between a delivery and Prevail is found, with what to do about it."""

import socket
import time
from email.utils import formatdate
from pathlib import Path

import certifi
import pytest

from builders import a_request, a_source_table, an_organization_table, some_configuration
from cancellations.adapters import session_list, wire
from cancellations.permits import fingerprint
from cancellations.protocol import guards
from cancellations.waits import Waits
from duty.site import (
    ACME,
    KEY,
    PREFIX,
    SIGNING_SECRET,
    TABLE,
    Site,
    client,
    lines,
    make_table,
    replace,
    secrets_in,
)
from oncall.checkup import STATIONS
from oncall.prevail import Closed, knock
from prevail.tokens import sign
from wire_server import says, wire_server

OTHER_KEY = KEY[::-1]


def failures(site: Site) -> list[str]:
    """Without their word; the command must have ended with 1 if there is one, else with 0."""
    ended = site.doctor()
    found = lines(ended, "failed")
    assert ended.code == (1 if found else 0), ended.stdout + ended.stderr
    return [line.removeprefix("failed").strip() for line in found]


def the_failure(site: Site) -> str:
    (found,) = failures(site)
    return found


def warnings(site: Site) -> list[str]:
    return [line.removeprefix("warning").strip() for line in lines(site.doctor(), "warning")]


def test_where_nothing_is_wrong_nothing_failed_and_nothing_is_warned_of(site: Site) -> None:
    ended = site.doctor()
    assert ended.code == 0, ended.stdout
    assert lines(ended, "failed") == []
    # The only thing that is not as in production: the emulator stands in for Prevail.
    assert [line.split(":")[0] for line in lines(ended, "warning")] == ["warning  PrevailUrl"]


def test_each_station_is_announced_and_the_last_line_counts(site: Site) -> None:
    printed = site.doctor().stdout.splitlines()
    titles = [line for line in printed if not line.startswith(" ")]
    assert titles[:-1] == [title for title, _ in STATIONS]
    assert titles[-1].endswith("skipped")


def test_it_is_json_where_that_is_wanted_and_progress_goes_elsewhere(site: Site) -> None:
    ended = site.doctor("--json")
    assert ended.told["healthy"] is True
    assert {finding["station"] for finding in ended.told["findings"]} == {title for title, _ in STATIONS}
    assert "Looking at: Prevail" in ended.stderr


def test_what_is_wrong_is_said_in_the_json_with_its_fix(site: Site) -> None:
    replace(f"organizations/{ACME}", "not JSON")
    ended = site.doctor("--json")
    (failed,) = (one for one in ended.told["findings"] if one["status"] == "failed")
    assert (ended.code, ended.told["healthy"], failed["station"]) == (1, False, "Secrets")
    assert "store it as" in failed["fix"]


# ── Configuration and secrets ─────────────────────────────────────────────────────────────────────


def test_all_faults_of_the_files_are_told_and_the_rest_is_looked_at_all_the_same(site: Site) -> None:
    sources = {"crm": a_source_table(verify="nothing-known", organization="globex")}
    some_configuration(
        site.config, organizations={"a/b": an_organization_table(base_url="http://x")}, sources=sources
    )
    ended = site.doctor()
    faults = lines(ended, "failed")
    assert len(faults) >= 4
    assert all("organizations.toml:" in fault or "sources.toml:" in fault for fault in faults)
    assert any("index open" in line for line in lines(ended, "ok"))


@pytest.mark.parametrize(
    ("secret", "stored", "said"),
    [
        (f"organizations/{ACME}", {"api_key": "8k2jd93mfp1q"}, "has 12 bytes"),
        (f"organizations/{ACME}", {"api_key": "<the-key-of-your-organization-here>"}, "placeholder"),
        (f"organizations/{ACME}", "Zk3vT9qLw8xRb2nYc7dHf5gJm4sKp6aE", "is not JSON"),
        (f"organizations/{ACME}", {"signing_secret": KEY}, 'has no "api_key" of one text'),
        ("sources/acme", {"signing_secret": "whsec_replace-me-by-the-secret-of-the-source"}, "placeholder"),
        ("sources/acme", {"signing_secret": "8k2jd93mfp1q"}, '"signing_secret" '),
        ("sources/acme", "Zk3vT9qLw8xRb2nYc7dHf5gJm4sKp6aE", "is not JSON"),
    ],
)
def test_a_secret_of_no_use_is_named_with_what_is_wrong_and_never_shown(
    site: Site, secret: str, stored: object, said: str
) -> None:
    replace(secret, stored)
    fault = the_failure(site)
    assert f"secret {PREFIX}/{secret}" in fault
    assert said in fault
    assert " → " in fault
    values = list(stored.values()) if isinstance(stored, dict) else [str(stored)]
    texts = [site.doctor().stdout, site.doctor("--json").stdout]
    assert secrets_in(texts, [*values, KEY, SIGNING_SECRET]) == []


def test_secrets_that_are_missing_are_all_told(site: Site) -> None:
    for name in (f"organizations/{ACME}", "sources/acme"):
        client("secretsmanager").delete_secret(SecretId=f"{PREFIX}/{name}", ForceDeleteWithoutRecovery=True)
    assert [fault.split(":")[0] for fault in failures(site)] == [f"organization {ACME}", "source acme"]


def test_public_keys_that_cannot_be_fetched_failed_with_their_address(site: Site) -> None:
    def nobody(host: str, *more: object, **named: object) -> object:
        if host == "keys.example":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *more, **named)  # type: ignore[arg-type] # as they came

    resolve = socket.getaddrinfo
    site.monkeypatch.setattr(socket, "getaddrinfo", nobody)
    table = a_source_table(verify="jwt", jwt={"algorithm": "RS256", "jwks_url": "https://keys.example/jwks"})
    del table["secret"]
    some_configuration(site.config, sources={"acme": table})
    assert "source acme: https://keys.example/jwks: the key set did not answer" in the_failure(site)


# ── Prevail ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("401-none", "store the active key of Prevail's console in the secret"),
        ("403-none", "Self-Service"),
        ("500-none", "look at Prevail"),
        ("body-html", "no list of sessions"),
    ],
)
def test_a_list_that_cannot_be_read_with_the_key_is_explained(site: Site, fault: str, said: str) -> None:
    site.emulator.add_fault(fault, organization=ACME)
    found = the_failure(site)
    assert found.startswith(f"list of {ACME}: ")
    assert said in found


def several_pages(site: Site) -> None:
    site.emulator.put_switches(page_items=1)
    for name in ("s1", "s2", "s3"):
        site.emulator.put_session(name, organization=ACME, state="ready")


@pytest.mark.parametrize("parameter", ["p", "none"])
def test_pages_that_cannot_be_requested_fail_with_the_fix(site: Site, parameter: str) -> None:
    several_pages(site)
    site.emulator.put_switches(page_parameter=parameter)
    found = the_failure(site)
    assert found.startswith(f"list of {ACME}: pages_unread: ")
    assert "starts_at in sources.toml" in found
    assert "ask Prevail which parameter selects a page" in found


def test_list_of_more_pages_than_are_read_is_a_warning(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_list, "MAX_PAGES", 2)
    several_pages(site)
    assert failures(site) == []
    (warned,) = (line for line in warnings(site) if line.startswith(f"list of {ACME}"))
    assert "starts_at in sources.toml" in warned


def test_list_is_read_to_its_end(site: Site) -> None:
    several_pages(site)
    assert any(f"list of {ACME}: can be read to its end" in line for line in lines(site.doctor(), "ok"))
    assert [call.query for call in site.emulator.calls() if call.query] == ["page=1", "page=2", "page=3"]


@pytest.mark.parametrize(("chosen", "said"), [(False, "is off"), (True, "is on")])
def test_whether_the_list_is_read_before_each_cancellation_is_said(
    site: Site, *, chosen: bool, said: str
) -> None:
    some_configuration(site.config, organizations={ACME: an_organization_table(look_first=chosen)})
    assert any(f"look_first of {ACME}: {said}" in line for line in lines(site.doctor(), "ok"))


def test_an_address_that_is_not_prevails_is_found_without_a_key_too(site: Site) -> None:
    client("secretsmanager").delete_secret(
        SecretId=f"{PREFIX}/organizations/{ACME}", ForceDeleteWithoutRecovery=True
    )
    site.emulator.add_fault("404-none")
    assert any("check base_url" in found for found in failures(site))


def test_where_nobody_listens_the_lists_are_not_asked_for(site: Site) -> None:
    with wire_server(says(b"")) as gone:
        pass
    site.emulator.url = gone.url
    assert "nothing listens at 127.0.0.1:" in the_failure(site)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("self-signed", "its certificate is refused: self-signed certificate"),
        ("expired", "its certificate is refused: certificate has expired"),
        ("wrong-host", "its certificate is refused: IP address mismatch"),
        ("old", "TLS fails"),
    ],
)
def test_tls_that_no_worker_would_take_is_explained(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, said: str
) -> None:
    root = tmp_path / "root.pem"
    root.write_text(site.emulator.tls_root(), encoding="ascii")
    monkeypatch.setattr(certifi, "where", lambda: str(root))
    found = knock(site.emulator.open_tls(kind))
    assert isinstance(found, Closed)
    assert found.said.startswith(said)


def test_a_name_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(wire, "getaddrinfo", nobody)
    found = knock("https://prevail.example")
    assert isinstance(found, Closed)
    assert found.said == "no address is known for prevail.example"


@pytest.mark.parametrize(("ahead", "said"), [(3600, "60 min ahead of"), (-7200, "2 h behind")])
def test_a_clock_that_is_off_is_told(site: Site, ahead: int, said: str) -> None:
    site.emulator.put_switches(clock_ahead_s=ahead, token_leeway_s=7200)
    (warned,) = (line for line in warnings(site) if line.startswith("clock of"))
    assert f"is {said} this machine's" in warned


def test_a_token_that_is_repeated_by_the_server_is_not_printed(site: Site) -> None:
    """The answer holds the head of the request, token and all."""
    with wire_server(repeats) as server:
        site.emulator.url = server.url
        texts = [site.doctor().stdout, site.doctor("--json").stdout]
        assert any(b"Bearer eyJ" in request for request in server.requests)
    assert "[token]" in texts[0]
    assert secrets_in(texts, [KEY, SIGNING_SECRET]) == []


def repeats(connection: socket.socket) -> None:
    token = sign(ACME, KEY, expires_at=time.time() + 60)
    body = f"Bearer {token}".encode()
    date = formatdate(usegmt=True).encode()
    connection.sendall(
        b"HTTP/1.1 500 No\r\nDate: %s\r\nContent-Length: %d\r\n\r\n%s" % (date, len(body), body)
    )


# ── The ledger ────────────────────────────────────────────────────────────────────────────────────


def without_table(**changes: object) -> None:
    """The same table, with other properties."""
    client("dynamodb").update_table(TableName=TABLE, DeletionProtectionEnabled=False)
    client("dynamodb").delete_table(TableName=TABLE)
    if changes:
        make_table(**changes)


def test_a_table_that_is_not_there_is_told_by_its_name(site: Site) -> None:
    without_table()
    assert failures(site)[0].startswith(f"table {TABLE}: is not there")


def test_an_index_that_is_missing_failed_since_the_sweep_is_blind(site: Site) -> None:
    without_table(
        GlobalSecondaryIndexes=None, AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}]
    )
    assert "index open: is missing: Sweep finds nothing" in failures(site)[0]


def test_settings_that_were_switched_off_are_warned_of(site: Site) -> None:
    tables = client("dynamodb")
    without_table(StreamSpecification=None, DeletionProtectionEnabled=False)
    tables.update_time_to_live(
        TableName=TABLE, TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires_at"}
    )
    tables.update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    found = [line.split(":")[0] for line in warnings(site)]
    assert found == ["PrevailUrl", "time to live", "point-in-time recovery", "stream", "deletion protection"]


# ── Requests and guards ───────────────────────────────────────────────────────────────────────────


def test_requests_that_nobody_came_back_for_are_counted_with_the_oldest(site: Site) -> None:
    now = time.time()
    for age in (8000.0, 4000.0, 0.0):
        request = a_request(event_id=f"e{age}", accepted_at=now - age)
        site.ledger.accept(request, now - age)
    found = the_failure(site)
    assert found.startswith("overdue requests: 2, the longest for 2 h")
    assert "Sweep has left them lying" in found


def test_what_the_next_sweep_takes_is_no_failure(site: Site) -> None:
    request = a_request(accepted_at=time.time() - 400)
    site.ledger.accept(request, time.time() - 400)
    assert failures(site) == []


def test_what_waits_is_told_by_status(site: Site) -> None:
    site.asked("s1")
    site.ledger.postpone(site.asked("s2"), "held", waits=Waits("paused"), next_at=time.time() + 60)
    assert any("open requests: 2: 1 " in line for line in lines(site.doctor(), "ok"))


def test_a_pause_is_told_with_whose_it_is_and_how_it_ends(site: Site) -> None:
    site.write(guards.pause(ACME, by="on call", reason="a test", now=1_800_000_000.0))
    (warned,) = (line for line in warnings(site) if "paused" in line)
    assert "by on call since 2027-01-15T08:00:00Z: a test" in warned
    assert f"cancelctl guards resume {ACME} --table {TABLE}" in warned


def test_an_open_breaker_is_told_with_since_when(site: Site) -> None:
    site.write(guards.open_breaker(ACME, reason="HTTP 503", until=1_800_000_030.0, now=1_800_000_000.0))
    (warned,) = (line for line in warnings(site) if "breaker" in line)
    assert "open since 2027-01-15T08:00:00Z" in warned
    assert "HTTP 503" in warned


def test_a_refused_key_failed_until_the_secret_holds_another(site: Site) -> None:
    site.write(guards.key_refused(ACME, fingerprint(KEY), now=1_800_000_000.0))
    assert "key: refused by Prevail at 2027-01-15T08:00:00Z" in the_failure(site)
    replace(f"organizations/{ACME}", {"api_key": OTHER_KEY})
    site.emulator.put_organization(ACME, api_key=OTHER_KEY)
    assert failures(site) == []
    assert any("no longer in the secret" in line for line in warnings(site))


def test_an_exceeded_cap_failed_since_a_person_must_release_it(site: Site) -> None:
    some_configuration(site.config, sources={"acme": a_source_table(cap_per_hour=10)})
    site.write(guards.trip("acme", now=time.time()))
    found = the_failure(site)
    assert "cap: exceeded at" in found
    assert f"cancelctl guards release acme --table {TABLE}" in found


# ── Whatever it finds ─────────────────────────────────────────────────────────────────────────────


def test_it_changes_nothing(site: Site) -> None:
    site.ledger.accept(a_request(), time.time() - 8000)
    before = client("dynamodb").scan(TableName=TABLE)["Items"]
    site.doctor()
    assert client("dynamodb").scan(TableName=TABLE)["Items"] == before
    assert len(set(site.operations)) >= 5
    assert site.wrote() == []
