"""Which calls a fault meets, what it says in an answer's place, and the grammar of its name."""

import http.client
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from prevail.assumed import CANCELED
from prevail.client import AdminRefused, ApiCaller, Emulator
from prevail.faults import kinds
from prevail.fields import BadField
from prevail.server import running
from prevail.tokens import sign

NOW = 1_800_000_000


class Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


def ready(emulator: Emulator, *names: str) -> None:
    emulator.put_sessions(
        {"remote_session_id": name, "organization": "acme", "state": "ready"} for name in names
    )


def statuses(caller: ApiCaller, times: int, session: str = "s-1") -> list[int]:
    return [caller.cancel(session).status_code for _ in range(times)]


@pytest.mark.parametrize(
    ("rule", "met"),
    [
        ({}, [503, 503, 503]),
        ({"method": "PATCH"}, [503, 503, 200]),
        ({"method": "GET"}, [200, 200, 503]),
        ({"path": "/api/v1/sessions"}, [200, 200, 503]),
        ({"path": "*/cancel"}, [503, 503, 200]),
        ({"session": "s-1"}, [503, 200, 200]),
        ({"session": "s-?"}, [503, 503, 200]),
        ({"organization": "globex"}, [200, 200, 200]),
        ({"organization": "acme", "session": "s-2"}, [200, 503, 200]),
        ({"share": 0}, [200, 200, 200]),
        ({"count": 2}, [503, 503, 200]),
        ({"count": 0}, [200, 200, 200]),
    ],
)
def test_a_rule_meets_the_calls_that_it_names(
    emulator: Emulator, acme: ApiCaller, rule: dict[str, Any], met: list[int]
) -> None:
    ready(emulator, "s-1", "s-2")
    emulator.put_faults({"fault": "503", **rule})
    answers = [acme.cancel("s-1"), acme.cancel("s-2"), acme.sessions()]
    assert [answer.status_code for answer in answers] == met


def test_an_organization_is_known_by_a_good_token_only(emulator: Emulator) -> None:
    emulator.put_faults({"fault": "503", "organization": "acme"})
    stranger = ApiCaller(emulator.url, sign("acme", "globex" * 10, expires_at=time.time() + 300))
    assert stranger.sessions().status_code == 401


def test_a_share_is_drawn_alike_with_the_same_seed(emulator: Emulator, acme: ApiCaller) -> None:
    drawn = []
    for seed in (7, 7, 8):
        emulator.put_faults({"fault": "503", "share": 0.5, "seed": seed})
        drawn.append(statuses(acme, 30))
    assert drawn[0] == drawn[1] != drawn[2]
    assert {503, 404} == set(drawn[0])


def test_the_first_rule_that_is_not_used_up_strikes(emulator: Emulator, acme: ApiCaller) -> None:
    ready(emulator, "s-1")
    emulator.put_faults({"fault": "500", "count": 2}, {"fault": "429", "count": 1})
    assert statuses(acme, 4) == [500, 500, 429, 200]
    assert [rule["hits"] for rule in emulator.faults()] == [2, 1]
    assert [rule["in_force"] for rule in emulator.faults()] == [False, False]


def test_a_rule_can_be_added_to_the_others(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_faults({"fault": "500", "count": 1})
    emulator.add_fault("429", count=1)
    assert statuses(acme, 3) == [500, 429, 404]


def test_faults_can_be_taken_back(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_faults({"fault": "500"})
    requests.delete(f"{emulator.url}/_emulator/faults", timeout=10)
    assert acme.sessions().status_code == 200


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed(clock: Clock) -> Iterator[ApiCaller]:
    """acme, at an emulator whose clock the test moves."""
    with running(clock=clock) as url:
        Emulator(url).put_organization("acme", api_key="acme" * 10)
        yield ApiCaller(url, sign("acme", "acme" * 10, expires_at=NOW + 10_000))


def test_a_rule_can_last_for_a_while(timed: ApiCaller, clock: Clock) -> None:
    Emulator(timed.url).put_faults({"fault": "503", "for_s": 3600})
    met = []
    for moment in (0.0, 3599.9, 3600.0):
        clock.now = NOW + moment
        met.append(timed.sessions().status_code)
    assert met == [503, 503, 200]


@pytest.fixture(scope="module")
def at_now() -> Iterator[ApiCaller]:
    """acme, at an emulator whose clock stands at NOW."""
    with running(clock=Clock()) as url:
        Emulator(url).put_organization("acme", api_key="acme" * 10)
        yield ApiCaller(url, sign("acme", "acme" * 10, expires_at=NOW + 10_000))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("none", []),
        ("seconds", ["30"]),
        ("date", ["Fri, 15 Jan 2027 08:00:30 GMT"]),
        ("past", ["Fri, 15 Jan 2027 07:00:00 GMT"]),
        ("absurd", ["99999999999"]),
        ("negative", ["-30"]),
        ("fraction", ["30.0"]),
        ("garbage", ["soon"]),
        ("empty", [""]),
        ("two", ["30", "3000"]),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_comes_in_every_form(at_now: ApiCaller, status: int, form: str, said: list[str]) -> None:
    Emulator(at_now.url).put_faults({"fault": f"{status}-{form}-30"})
    answer = at_now.sessions()
    assert (answer.status_code, answer.raw.headers.getlist("Retry-After")) == (status, said)


@pytest.mark.parametrize("status", [202, 401, 403, 404, 408, 418, 429, 500, 502, 503, 504, 599])
@pytest.mark.parametrize(("when", "state"), [("before", "ready"), ("after", "canceled")])
def test_a_status_comes_before_or_after_the_effect(
    emulator: Emulator, acme: ApiCaller, status: int, when: str, state: str
) -> None:
    ready(emulator, "s-1")
    emulator.put_faults({"fault": f"{status}-{when}"})
    assert acme.cancel("s-1").status_code == status
    assert emulator.session("s-1").state == state


def test_401_until_the_key_changes(emulator: Emulator, acme: ApiCaller, globex: ApiCaller) -> None:
    emulator.put_faults({"fault": "key", "organization": "acme"})
    assert [acme.sessions().status_code for _ in range(2)] == [401, 401]
    assert globex.sessions().status_code == 200
    emulator.put_organization("acme", api_key="another" * 10)
    renewed = ApiCaller(emulator.url, sign("acme", "another" * 10, expires_at=time.time() + 300))
    assert renewed.sessions().status_code == 200


def test_a_key_that_changed_before_the_first_call_has_changed(emulator: Emulator) -> None:
    emulator.put_faults({"fault": "key"})
    emulator.put_organization("acme", api_key="another" * 10)
    renewed = ApiCaller(emulator.url, sign("acme", "another" * 10, expires_at=time.time() + 300))
    assert renewed.sessions().status_code == 200


def test_a_success_may_be_a_lie(emulator: Emulator, acme: ApiCaller) -> None:
    ready(emulator, "s-1")
    emulator.put_faults({"fault": "uncommitted"})
    answer = acme.cancel("s-1")
    assert (answer.status_code, answer.json(), emulator.session("s-1").state) == (200, CANCELED, "ready")


def test_latency_comes_before_the_effect(emulator: Emulator, acme: ApiCaller) -> None:
    ready(emulator, "s-1")
    emulator.put_faults({"fault": "latency-300"})
    began = time.monotonic()
    assert acme.cancel("s-1").status_code == 200
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("kind", ["empty", "html", "broken", "list", "null", "binary", "deep"])
def test_a_success_may_have_another_body(emulator: Emulator, acme: ApiCaller, kind: str) -> None:
    ready(emulator, "s-1")
    emulator.put_faults({"fault": f"body-{kind}"})
    answer = acme.cancel("s-1")
    assert (answer.status_code, emulator.session("s-1").state) == (200, "canceled")
    assert answer.text != '{"messages":"Session successfully canceled."}'


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("place", "location"),
    [
        ("other", "http://localhost:{port}/elsewhere"),
        ("relative", "/elsewhere"),
        ("itself", "http://127.0.0.1:{port}/api/v1/sessions/s-1/cancel?cancel_without_email=true"),
        ("nonsense", "http://[::1"),
    ],
)
def test_a_redirect_leads_elsewhere_and_changes_nothing(
    emulator: Emulator, acme: ApiCaller, status: int, place: str, location: str
) -> None:
    ready(emulator, "s-1")
    emulator.put_faults({"fault": f"redirect-{status}-{place}"})
    port = emulator.url.rpartition(":")[2]
    # Not by requests, which stumbles over the place that is none even when it is told not to go.
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
    target = "/api/v1/sessions/s-1/cancel?cancel_without_email=true"
    connection.request("PATCH", target, headers=acme.headers)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (status, location.format(port=port))
    connection.close()
    assert emulator.session("s-1").state == "ready"


def test_whoever_follows_is_seen(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_faults({"fault": "redirect-307-other", "count": 1})
    requests.patch(f"{acme.url}/api/v1/sessions/s-1/cancel", headers=acme.headers, timeout=10)
    assert [call.path for call in emulator.calls()] == ["/api/v1/sessions/s-1/cancel", "/elsewhere"]


def test_a_call_that_met_a_fault_is_logged_with_it(emulator: Emulator, acme: ApiCaller) -> None:
    ready(emulator, "s-1")
    emulator.put_faults({"fault": "500", "count": 1}, {"fault": "502-after", "count": 1})
    statuses(acme, 3)
    logged = [(call.fault, call.answer, call.status) for call in emulator.calls()]
    assert logged == [("500", None, 500), ("502-after", "canceled", 502), (None, "already_canceled", 409)]
    assert emulator.totals().faults == 2


def test_a_sessions_id_can_ask_for_faults_one_after_the_other(emulator: Emulator, acme: ApiCaller) -> None:
    name = "s-1--fault-503-date-x2--fault-409-x1"
    ready(emulator, name)
    assert statuses(acme, 4, name) == [503, 503, 409, 200]


def test_the_faults_of_an_id_are_its_own(emulator: Emulator, acme: ApiCaller) -> None:
    ready(emulator, "s-1--fault-500", "s-2")
    assert (statuses(acme, 2, "s-1--fault-500"), statuses(acme, 1, "s-2")) == ([500, 500], [200])


def test_the_fault_of_an_id_comes_before_the_rules(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_faults({"fault": "503"})
    assert statuses(acme, 2, "s-1--fault-500-x1") == [500, 503]


def test_an_id_with_a_fault_that_does_not_exist_is_refused(emulator: Emulator) -> None:
    with pytest.raises(
        AdminRefused, match=r"\.remote_session_id: names a fault that does not exist: fault: must "
    ):
        ready(emulator, "s-1--fault-sloth")


def test_a_call_for_such_an_id_is_a_call_like_any_other(acme: ApiCaller) -> None:
    assert statuses(acme, 1, "s-1--fault-sloth") == [404]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sloth", "must begin with a status from 200 to 599 or one of latency, silent"),
        ("STATUS", "must begin with a status"),
        ("199", "must begin with a status"),
        ("600", "must begin with a status"),
        ("5030", "must begin with a status"),
        ("", "must begin with a status"),
        ("reset-middle", "must be like reset[-N][-start|head|body][-after|before]"),
        ("reset-before-after", "must be like reset"),
        ("reset-1-2", "must be like reset"),
        ("silent-5", "must be like silent[-after|before]"),
        ("latency-9999999", "takes N from 0 to 600000"),
        ("latency-" + "9" * 5000, "takes N from 0 to 600000"),
        ("redirect-200", "takes N from 300 to 399"),
        ("503-tomorrow", "must be like STATUS[-N]"),
    ],
)
def test_a_wrong_fault_is_told_what_would_be_right(text: str, told: str) -> None:
    with pytest.raises(BadField) as refused:
        kinds.read(text)
    assert str(refused.value).startswith(f"fault: {told}")


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({}, "fault: must be a non-empty"),
        ({"fault": "503", "methods": "GET"}, "methods: is not a field; known are count, fault"),
        ({"fault": "503", "method": "get"}, "method: must be one of GET, POST"),
        ({"fault": "503", "share": 2}, "share: must be a share from 0 to 1"),
        ({"fault": "503", "count": -1}, "count: must be a whole number"),
        ({"fault": "503", "for_s": "1h"}, "for_s: must be a number from 0 to"),
        ({"fault": "sloth"}, "fault: must begin with"),
    ],
)
def test_a_wrong_rule_is_told_its_field(emulator: Emulator, rule: dict[str, Any], told: str) -> None:
    with pytest.raises(AdminRefused, match=rf"^rules\[0\]\.{told}"):
        emulator.put_faults(rule)


@pytest.mark.parametrize("share", [-0.1, 1.1, True, "all"])
def test_a_share_that_is_none_is_refused(emulator: Emulator, share: object) -> None:
    with pytest.raises(AdminRefused, match="silent_after_commit: must be"):
        emulator.put_faults(silent_after_commit=share)  # type: ignore[arg-type]  # what is wrong is the point


def test_the_date_is_that_of_the_emulators_clock(timed: ApiCaller) -> None:
    assert parsedate_to_datetime(timed.sessions().headers["Date"]).timestamp() == NOW
