"""A peer that answers with what it was sent: nothing of the key or the token is stored, queued or reported."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from builders import API_KEY, a_request
from cancellations.answers import Answer, Unread, answer_for
from cancellations.calls import Calls, tools
from cancellations.domain import Organization
from cancellations.pace import Turn
from cancellations.permits import Permit
from cancellations.protocol import session_key
from cancellations.redaction import LEFT_OUT, kept
from fakes import Clock, MemoryKeys, MemoryTable, ScriptedPrevail
from stage import ACME, RotatedKeys, Stage, accepted

type Echo = Callable[[str], str]

ECHOES: dict[str, Echo] = {
    "key": lambda _: API_KEY,
    "key reversed": lambda _: API_KEY[::-1],
    "token in hex": lambda token: token[-40:].encode().hex(),
    "signature": lambda token: token.rpartition(".")[2],
}


@dataclass
class Echoing(ScriptedPrevail):
    """Echoes in the words of its answers, and in place of a state."""

    answers: list[Answer] = field(default_factory=list)
    echo: Echo = str
    state_is_echo: bool = False

    def cancel(
        self, organization: Organization, remote_session_id: str, *, without_email: bool, token: str
    ) -> Answer:
        answer = super().cancel(organization, remote_session_id, without_email=without_email, token=token)
        return answer_for(answer.status or 0, f"no: {self.echo(token)}")

    def state(
        self, organization: Organization, remote_session_id: str, *, starts_at: float | None, token: str
    ) -> str | Unread:
        super().state(organization, remote_session_id, starts_at=starts_at, token=token)
        self.tokens.append(token)
        echo = self.echo(token)
        return echo if self.state_is_echo else Unread(answer_for(500, echo))


@pytest.mark.parametrize("state_is_echo", [True, False])
@pytest.mark.parametrize("status", [200, 202, 302, 400, 401, 403, 404, 409, 429, 500])
@pytest.mark.parametrize("echo", ECHOES)
def test_an_echo_of_a_secret_is_nowhere(echo: str, status: int, state_is_echo: bool) -> None:
    prevail = Echoing([answer_for(status)], echo=ECHOES[echo], state_is_echo=state_is_echo)
    stage = Stage(prevail)
    request = accepted(stage)
    result = stage.cancel(request)
    left = json.dumps([stage.table.items, repr(result), repr(stage.queue.sent)])
    assert kept(left, [API_KEY, *prevail.tokens]) == left
    assert LEFT_OUT in json.dumps(stage.stored(session_key(request)))


def test_a_token_of_the_call_before_is_not_kept_either() -> None:
    """The second call is made with another key and token, and its answer repeats the first one's."""
    prevail = Echoing([answer_for(401), answer_for(403)])
    prevail.echo = lambda _: prevail.tokens[0].rpartition(".")[2]
    stage = Stage(prevail)
    stage.keys = RotatedKeys({"acme": API_KEY})
    request = accepted(stage)
    stage.cancel(request)
    assert len(prevail.tokens) == 3
    assert LEFT_OUT in json.dumps(stage.stored(session_key(request)))


def test_who_hears_of_calls_hears_no_secret() -> None:
    prevail = Echoing([answer_for(403)], echo=ECHOES["key"])
    table, clock = MemoryTable(), Clock()
    told: list[Any] = []
    keys = MemoryKeys()
    using = tools(
        table,
        clock,
        lambda _: None,
        lambda: 0.5,
        keys=keys,
        prevail=prevail,
        heard=lambda *call: told.append(call),
    )
    with using.permits.permit(ACME, API_KEY) as permit:
        assert isinstance(permit, Permit)
        calls = Calls(using, clock, ACME, API_KEY, permit, Turn())
        calls.state(a_request())
        calls.cancel(a_request(), lambda: True)
    assert [came.words if isinstance(came, Answer) else came.answer.words for _, _, came, _ in told] == [
        LEFT_OUT,
        LEFT_OUT,
    ]
