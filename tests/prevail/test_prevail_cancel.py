"""Cancel a session: the documented rules."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import requests

from prevail.client import ApiCaller, Emulator
from prevail.model import CANCELLABLE, STATES, State
from prevail.tokens import sign

PARTICIPANTS = ["witness@example.com", "counsel@example.com", "reporter@example.com"]


def ready(emulator: Emulator, remote_session_id: str = "s-1", state: State = "ready") -> None:
    emulator.put_session(remote_session_id, organization="acme", state=state, participants=PARTICIPANTS)


def said(emulator: Emulator, **parameters: object) -> ApiCaller:
    """acme, with parameters inside the token."""
    token = sign("acme", "acme" * 10, expires_at=time.time() + 300, **parameters)
    return ApiCaller(emulator.url, token)


def test_a_cancel_answers_the_documented_body(emulator: Emulator, acme: ApiCaller) -> None:
    ready(emulator)
    answer = acme.cancel("s-1")
    assert (answer.status_code, answer.json()) == (200, {"messages": "Session successfully canceled."})


@pytest.mark.parametrize("state", STATES)
def test_initial_scheduled_and_ready_can_be_canceled(
    emulator: Emulator, acme: ApiCaller, state: State
) -> None:
    ready(emulator, state=state)
    assert (acme.cancel("s-1").status_code == 200) is (state in {"initial", "scheduled", "ready"})


@pytest.mark.parametrize("state", sorted(CANCELLABLE))
def test_a_cancel_leaves_the_session_canceled(emulator: Emulator, acme: ApiCaller, state: State) -> None:
    ready(emulator, state=state)
    acme.cancel("s-1")
    assert emulator.session("s-1").state == "canceled"


def test_an_active_session_stays_active(emulator: Emulator, acme: ApiCaller) -> None:
    ready(emulator, state="active")
    acme.cancel("s-1")
    assert emulator.session("s-1").state == "active"


@pytest.mark.parametrize("parameters", [{}, {"cancel_without_email": "false"}])
def test_a_cancel_mails_every_participant(
    emulator: Emulator, acme: ApiCaller, parameters: dict[str, str]
) -> None:
    ready(emulator)
    acme.cancel("s-1", **parameters)
    assert [email.to for email in emulator.outbox()] == PARTICIPANTS


def test_a_cancel_without_email_mails_nobody(emulator: Emulator, acme: ApiCaller) -> None:
    ready(emulator)
    acme.cancel("s-1", cancel_without_email="true")
    assert (emulator.outbox(), emulator.session("s-1").state) == ([], "canceled")


@pytest.mark.parametrize("value", ["", "1", "TRUE", "yes", "null"])
def test_an_invalid_choice_of_email_cancels_nothing(emulator: Emulator, acme: ApiCaller, value: str) -> None:
    ready(emulator)
    answer = acme.cancel("s-1", cancel_without_email=value)
    assert (answer.status_code, emulator.session("s-1").state) == (422, "ready")


@pytest.mark.parametrize("claim", [True, "true"])
def test_the_token_may_carry_the_parameter(emulator: Emulator, claim: object) -> None:
    ready(emulator)
    said(emulator, cancel_without_email=claim).cancel("s-1")
    assert (emulator.outbox(), emulator.session("s-1").state) == ([], "canceled")


def test_the_query_wins_over_the_token(emulator: Emulator) -> None:
    ready(emulator)
    said(emulator, cancel_without_email=True).cancel("s-1", cancel_without_email="false")
    assert len(emulator.outbox()) == len(PARTICIPANTS)


def test_a_second_cancel_is_refused(emulator: Emulator, acme: ApiCaller) -> None:
    ready(emulator)
    assert [acme.cancel("s-1").status_code for _ in range(2)] == [200, 409]


def test_a_second_cancel_mails_nobody_again(emulator: Emulator, acme: ApiCaller) -> None:
    ready(emulator)
    acme.cancel("s-1", cancel_without_email="true")
    acme.cancel("s-1")
    assert emulator.outbox() == []


def test_another_organization_cannot_cancel(emulator: Emulator, globex: ApiCaller) -> None:
    ready(emulator)
    assert globex.cancel("s-1").status_code == 404
    assert emulator.session("s-1").state == "ready"


def test_a_session_of_another_looks_like_none(emulator: Emulator, globex: ApiCaller) -> None:
    ready(emulator)
    foreign, unknown = globex.cancel("s-1"), globex.cancel("s-2")
    assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content)


def test_without_self_service_nothing_is_canceled(emulator: Emulator, initech: ApiCaller) -> None:
    emulator.put_session("s-1", organization="initech", state="scheduled")
    assert initech.cancel("s-1").status_code == 403
    assert emulator.session("s-1").state == "scheduled"


def test_fifty_cancels_at_once_are_one_effect(emulator: Emulator, acme: ApiCaller) -> None:
    ready(emulator)
    together = Barrier(50)

    def cancel() -> int:
        together.wait(timeout=10)
        return acme.cancel("s-1").status_code

    with ThreadPoolExecutor(50) as pool:
        statuses = sorted(one.result() for one in [pool.submit(cancel) for _ in range(50)])
    session = emulator.session("s-1")
    assert (session.patches, session.state_changes, session.emails) == (50, 1, len(PARTICIPANTS))
    assert statuses == [200] + [409] * 49


def test_a_body_is_ignored(emulator: Emulator) -> None:
    """And does not come in the way of the next call on the connection."""
    ready(emulator)
    headers = {"Authorization": f"Bearer {sign('acme', 'acme' * 10, expires_at=time.time() + 300)}"}
    path = f"{emulator.url}/api/v1/sessions/s-1/cancel"
    with requests.Session() as http:
        answers = [http.patch(path, data=b"x" * 100_000, headers=headers, timeout=10) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
