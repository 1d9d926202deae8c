"""Taking a person's words out of records: all of them go, and no decision changes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from builders import NOW, a_request, a_result, some_evidence, some_names
from cancellations.adapters.expressions import update_of
from cancellations.admission import Conflicted, Received
from cancellations.answers import Answer, answer_for
from cancellations.domain import Outcome
from cancellations.find import Find
from cancellations.ledger import Ledger
from cancellations.protocol import KEPT_ATTEMPTS, Claim, request_key, session_key
from cancellations.protocol.erasure import ERASED, Erasure, Stays, erasure
from cancellations.protocol.requests import KEPT_FOR_S
from cancellations.protocol.sessions import KEPT_OF_OTHERS, MAX_OUTCOMES
from cancellations.results import attempt_in, attempts_in, untried
from cancellations.versions import READS, SCHEMA
from cancellations.writes import ConditionFailed, Item, NotBefore, Put, Write, at
from fakes import MemoryTable
from upgrades import recording
from upgrades.ends import gone_on
from upgrades.scene import Scene, a_scene
from upgrades.states import STATES

HUSH = "hushhush"
MOST_OF_AN_EXPRESSION = 4096
"""Bytes that DynamoDB reads of one."""


@pytest.fixture
def scene() -> Iterator[Scene]:
    with a_scene() as made:
        yield made


def told(scene: Scene, *answers: Answer | int, **states: str) -> None:
    """A request with a person's words in everything that takes words, worked on until it has settled."""
    scene.prevail.states.update(states)
    scene.prevail.answers = [answer_for(a, HUSH) if isinstance(a, int) else a for a in answers]
    scene.arrives(event_id=f"{HUSH} 1", reason=f"{HUSH} is ill", requested_by=f"arn:aws:iam::1:user/{HUSH}")
    scene.run()


def erase_all(scene: Scene) -> list[Stays]:
    stays = []
    for item in scene.items().values():
        match erasure(item, now=scene.clock()):
            case Erasure(write):
                scene.table.write(write)
            case Stays() as why:
                stays.append(why)
    return stays


# ── What goes ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ((200,), "ready"),
        ((403,), "ready"),
        ((409,), "active"),
        ((409,), "canceled"),
        ((400,), "ready"),
        ((404,), "ready"),
        ((429, 200), "ready"),
        ((500, 200), "ready"),
        ((500,), "canceled"),
        ((409, 409, 409, 409), "ready"),
        ((401, 200), "ready"),
    ],
    ids=str,
)
def test_of_a_persons_words_none_are_left(scene: Scene, answers: tuple[int, ...], state: str) -> None:
    told(scene, *answers, **{"session-1": state})
    assert HUSH in str(scene.stored())
    assert not any(stays.for_now for stays in erase_all(scene))
    assert HUSH not in str(scene.stored())


def test_a_record_says_that_words_are_gone_and_when(scene: Scene) -> None:
    told(scene, 403)
    scene.clock.now = NOW + 99
    erase_all(scene)
    for item in scene.items().values():
        assert (item["erased_at"], ERASED in str(item)) == (NOW + 99, True)


def test_the_codes_of_an_answer_stay(scene: Scene) -> None:
    told(scene, 403)
    erase_all(scene)
    (session,) = (item for key, item in scene.items().items() if key.startswith("SESSION#"))
    (attempt,) = attempts_in(session, a_request(event_id=f"{HUSH} 1"))
    assert isinstance(attempt, dict)
    assert attempt_in(attempt) == a_result(403, ERASED)


def test_the_sentences_of_an_older_version_go_whole(scene: Scene) -> None:
    """They may hold words of Prevail's, and nothing looks for them inside."""
    recording.read("0.1.0", "refused").brought_to(scene)
    erase_all(scene)
    request, session = scene.items()[request_key(a_request().id)], scene.items()[session_key(a_request())]
    assert at(request, ("outcome", "evidence")) == ERASED
    assert at(session, ("outcomes", a_request().id, "evidence")) == ERASED
    assert at(session, ("attempts", 0, "answer")) == ERASED


def test_the_pause_that_an_older_version_left_on_a_settled_request_goes(scene: Scene) -> None:
    told(scene, 200)
    (key,) = (key for key in scene.items() if key.startswith("REQUEST#"))
    left = {"paused_by": f"{HUSH} 2", "paused_reason": f"{HUSH} is ill"}
    scene.table.write(Write(key, NotBefore(("settled_at",), 0), (Put(("held_detail",), {**left}),)))
    erase_all(scene)
    assert HUSH not in str(scene.stored())


@pytest.mark.parametrize("state", ["asked_by_a_caller", "refused", "already_canceled", "doubt_for_a_person"])
def test_erasing_twice_is_erasing_once(scene: Scene, state: str) -> None:
    recording.made(state).brought_to(scene)
    erase_all(scene)
    before = scene.stored()
    scene.clock.now += 99
    assert [
        e for e in (erasure(i, now=scene.clock()) for i in scene.items().values()) if isinstance(e, Erasure)
    ] == []
    assert scene.stored() == before


# ── What stays ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", STATES)
def test_an_erasure_changes_no_decision(scene: Scene, state: str) -> None:
    recording.made(state).brought_to(scene)
    scene.statuses()
    erase_all(scene)
    gone_on(scene, state)


def test_a_delivery_that_comes_again_after_an_erasure_is_known(scene: Scene) -> None:
    told(scene, 200)
    (message,) = [scene.arrives(event_id=f"{HUSH} 1")]
    erase_all(scene)
    again = scene.admitted(message)
    assert again == Received(replace(message, accepted_at=NOW), "canceled", replayed=True)
    assert isinstance(scene.admitted(replace(message, remote_session_id="another")), Conflicted)
    assert HUSH not in str(scene.stored())


def test_who_asks_after_an_erased_request_finds_it_under_its_id(scene: Scene) -> None:
    told(scene, 200)
    request_id = a_request(event_id=f"{HUSH} 1").id
    erase_all(scene)
    found = Find(scene.table, scene.clock)(request_id)
    assert (found["id"], found["status"], found["event_id"], found["reason"]) == (
        request_id,
        "canceled",
        ERASED,
        ERASED,
    )
    assert len(found["attempts"]) == 1  # type: ignore[arg-type]  # a list, as the contract has it


def test_a_request_on_its_way_stays_until_it_has_settled(scene: Scene) -> None:
    scene.arrives(reason=HUSH)
    before = scene.stored()
    assert [why.for_now for why in erase_all(scene)] == [True]
    assert scene.stored() == before


def test_a_session_in_the_hands_of_a_worker_stays(scene: Scene) -> None:
    told(scene, 403)
    scene.clock.now += 60
    scene.ledger.claim(a_request(event_id="other", accepted_at=scene.clock()), scene.clock())
    stays = erasure(scene.items()[session_key(a_request())], now=scene.clock())
    assert isinstance(stays, Stays)
    assert stays.for_now


@pytest.mark.parametrize(
    "kind", ["LOOKUP#acme#7", "GUARD#acme-legal", "CAP#acme", "OPERATOR#2027#x", "REMINDER#1"]
)
def test_what_is_neither_request_nor_session_stays_for_good(kind: str) -> None:
    stays = erasure({"pk": kind, "paused_reason": HUSH}, now=NOW)
    assert isinstance(stays, Stays)
    assert not stays.for_now


def test_what_a_newer_version_has_written_stays(scene: Scene) -> None:
    told(scene, 403)
    for item in scene.stored():
        scene.put({**item, SCHEMA: {"N": str(READS + 1)}})
    before = scene.stored()
    assert len(erase_all(scene)) == len(before)
    assert scene.stored() == before


# ── Beside workers ────────────────────────────────────────────────────────────────────────────────


def loses(scene: Scene, seen: Item) -> None:
    """An erasure that was planned on what is no longer so changes nothing."""
    before = scene.stored()
    planned = erasure(seen, now=scene.clock())
    assert isinstance(planned, Erasure)
    with pytest.raises(ConditionFailed):
        scene.table.write(planned.write)
    assert scene.stored() == before


def test_who_claims_the_session_meanwhile_is_not_written_over(scene: Scene) -> None:
    told(scene, 403)
    seen = scene.items()[session_key(a_request())]
    scene.clock.now += 60
    scene.ledger.claim(a_request(event_id="other", accepted_at=scene.clock()), scene.clock())
    loses(scene, seen)


def test_who_has_claimed_and_left_the_session_meanwhile_is_not_written_over(scene: Scene) -> None:
    told(scene, 403)
    scene.clock.now += 60
    other = a_request(event_id="other", accepted_at=scene.clock())
    seen = scene.items()[session_key(other)]
    held = scene.ledger.claim(other, scene.clock())
    assert isinstance(held, Claim)
    scene.ledger.record_unsent(other, held, untried("out_of_time"))
    loses(scene, seen)


@pytest.mark.parametrize(
    ("words", "settles"), [(f"{HUSH} is ill", False), ("another", False), ("another", True)]
)
def test_a_request_that_began_anew_meanwhile_is_not_written_over(
    scene: Scene, words: str, settles: bool
) -> None:
    """With the same words too, as long as it is on its way."""
    told(scene, 200)
    seen = scene.items()[request_key(a_request(event_id=f"{HUSH} 1").id)]
    del seen["outcome"]  # its words are those of a while ago; nothing but these is to tell the two apart
    scene.clock.now += KEPT_FOR_S + 1
    request = scene.arrives(event_id=f"{HUSH} 1", reason=words, requested_by=seen["requested_by"])
    if settles:
        scene.ledger.settle(request, Outcome("refused", evidence=some_evidence(403, HUSH)), scene.clock())
    loses(scene, seen)


def test_what_a_newer_version_has_written_meanwhile_is_not_written_over(scene: Scene) -> None:
    told(scene, 403)
    for stored, seen in zip(scene.stored(), list(scene.items().values()), strict=True):
        scene.put({**stored, SCHEMA: {"N": str(READS + 1)}})
        loses(scene, seen)


def test_the_fullest_session_fits_into_one_write() -> None:
    table = MemoryTable()
    ledger = Ledger(table, some_names(), 180.0)
    words = Outcome("refused", "x", evidence=some_evidence(403, HUSH))
    for number in range(MAX_OUTCOMES):
        request = a_request(event_id=f"event {number}")
        held = ledger.claim(request, NOW)
        assert isinstance(held, Claim)
        ledger.record_refused(request, held, words, a_result(403, HUSH))
    last = a_request(event_id="the last")
    for _ in range(KEPT_ATTEMPTS):
        held = ledger.claim(last, NOW)
        assert isinstance(held, Claim)
        ledger.record_unsent(last, held, a_result(403, HUSH))
    held = ledger.claim(last, NOW)
    assert isinstance(held, Claim)
    ledger.record_refused(last, held, replace(words, reason="wrong_state"), a_result(403, HUSH))
    planned = erasure(table.items[session_key(last)], now=NOW)
    assert isinstance(planned, Erasure)
    assert len(planned.before) == (MAX_OUTCOMES - 1) + (KEPT_OF_OTHERS + KEPT_ATTEMPTS) + 1
    assert len(update_of(planned.write)["UpdateExpression"]) <= MOST_OF_AN_EXPRESSION
