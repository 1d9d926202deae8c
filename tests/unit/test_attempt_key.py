"""What is done where Prevail refuses the API key."""

import jwt
import pytest

from builders import API_KEY, a_request
from cancellations.answers import Answer, Unread, answer_for
from cancellations.backoff import SKEW_S
from cancellations.calls import MAX_SKEW_S
from cancellations.domain import NEW, Organization, Outcome
from cancellations.errors import SecretFault, Unavailable
from cancellations.permits import KEY_AGAIN_S, SPREAD_S
from cancellations.protocol import session_key
from cancellations.settlement import Postponed
from cancellations.waits import Waits, no_state
from fakes import Clock, MemoryKeys
from stage import OTHER_KEY, RotatedKeys, Stage, Ticking, a_stage, accepted

HELD = Postponed("held", Waits("key_refused"), int(KEY_AGAIN_S + SPREAD_S / 2))


def refused(clock: float | None = None) -> Answer:
    """clock: Prevail's, in epoch seconds."""
    return answer_for(401, clock=clock)


def rotated(*answers: Answer | int) -> Stage:
    stage = a_stage(*answers)
    stage.keys = RotatedKeys({"acme": API_KEY})
    return stage


def signed_at(token: str, key: str = API_KEY) -> int:
    claims = jwt.decode(token, key, algorithms=["HS256"], options={"verify_exp": False})
    return int(claims["exp"])


# ── Another key ───────────────────────────────────────────────────────────────────────────────────


def test_a_refused_key_is_fetched_anew_and_another_one_is_tried() -> None:
    stage = rotated(401, 200)
    outcome = stage.cancel(accepted(stage))
    assert isinstance(outcome, Outcome)
    assert (outcome.status, stage.keys.forgotten) == ("canceled", ["acme"])
    assert signed_at(stage.prevail.tokens[1], OTHER_KEY)


def test_a_key_that_did_not_change_is_not_tried_again() -> None:
    stage = a_stage(401)
    assert stage.cancel(accepted(stage)) == HELD
    assert (len(stage.prevail.patched), stage.keys.forgotten) == (1, ["acme"])


def test_another_key_that_is_refused_too_holds_the_request() -> None:
    stage = rotated(401)
    assert stage.cancel(accepted(stage)) == HELD
    assert len(stage.prevail.patched) == 2


def test_each_call_has_a_token_of_its_own() -> None:
    stage = rotated(401, 200)
    stage.clock = Ticking()
    stage.cancel(accepted(stage))
    assert len(set(stage.prevail.tokens)) == 2


@pytest.mark.parametrize("fault", [SecretFault("acme", "does not exist"), Unavailable("no answer")])
def test_a_key_that_cannot_be_fetched_anew_holds_the_request(fault: Exception) -> None:
    class Lost(MemoryKeys):
        def api_key(self, organization: Organization) -> str:
            if self.forgotten:
                raise fault
            return super().api_key(organization)

    stage = a_stage(401)
    stage.keys = Lost({"acme": API_KEY})
    assert stage.cancel(accepted(stage)) == HELD


def test_the_next_request_with_a_refused_key_calls_nobody_and_claims_nothing() -> None:
    stage = a_stage(401)
    stage.cancel(accepted(stage))
    other = accepted(stage, event_id="other")
    later = stage.cancel(other)
    assert isinstance(later, Postponed)
    assert (later.status, len(stage.prevail.patched)) == ("held", 1)


def test_it_is_the_key_that_was_refused_last_that_is_noted() -> None:
    stage = rotated(401)
    stage.cancel(accepted(stage))
    stage.keys.keys["acme"] = "k" * 32
    stage.prevail.answers = [answer_for(200)]
    assert isinstance(stage.cancel(accepted(stage, event_id="other")), Outcome)


# ── Another clock ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("ahead", [SKEW_S + 1, -SKEW_S - 1, 3600.0])
def test_a_clock_that_goes_wrong_is_put_right_by_prevails(ahead: float) -> None:
    clock = Clock()
    stage = a_stage(refused(clock.now + ahead), 200)
    outcome = stage.cancel(accepted(stage))
    assert isinstance(outcome, Outcome)
    first, second = map(signed_at, stage.prevail.tokens)
    assert second - first == ahead


@pytest.mark.parametrize("ahead", [0.0, SKEW_S, -SKEW_S, MAX_SKEW_S, -MAX_SKEW_S])
def test_a_clock_that_is_right_or_cannot_be_believed_is_no_reason_for_a_second_call(ahead: float) -> None:
    clock = Clock()
    stage = a_stage(refused(clock.now + ahead))
    assert stage.cancel(accepted(stage)) == HELD
    assert len(stage.prevail.patched) == 1


def test_a_second_refusal_by_prevails_clock_holds_the_request() -> None:
    clock = Clock()
    stage = a_stage(refused(clock.now + 600))
    assert stage.cancel(accepted(stage)) == HELD
    assert len(stage.prevail.patched) == 2


# ── No key ────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_key_nothing_is_claimed_or_sent() -> None:
    stage = a_stage(200)
    stage.keys.keys.clear()
    request = accepted(stage)
    postponed = stage.cancel(request)
    assert isinstance(postponed, Postponed)
    assert postponed.status == "held"
    assert session_key(request) not in stage.table.items
    assert stage.prevail.patched == []


def test_an_organization_that_is_not_configured_is_held() -> None:
    stage = a_stage(200)
    request = a_request(organization="other", accepted_at=stage.clock())
    assert isinstance(stage.cancel(request), Postponed)
    assert stage.prevail.patched == []


def test_what_waits_for_a_key_or_for_its_organization_is_as_new_to_the_cap_of_its_source() -> None:
    stage = a_stage(200)
    stage.keys.keys.clear()
    stage.cancel(accepted(stage))
    stage.cancel(a_request(organization="other", accepted_at=stage.clock()))
    assert stage.queue.progress == [NEW, NEW]


# ── The list ──────────────────────────────────────────────────────────────────────────────────────


def test_a_key_that_the_list_refuses_is_fetched_anew_and_another_one_is_tried() -> None:
    stage = rotated(200)
    stage.choose(look_first=True)
    stage.prevail.unread = answer_for(401)
    later = stage.cancel(accepted(stage))
    assert isinstance(later, Postponed)
    assert (later.waits, stage.prevail.looks, stage.keys.forgotten) == (
        no_state(Unread(answer_for(401))),
        2,
        ["acme"],
    )
