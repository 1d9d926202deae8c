"""Connections and answers that go wrong on the wire: rows 20 to 36 of the fault matrix.

| row | what of it is held elsewhere | by |
|---|---|---|
| 25 | a connection that lay idle is not used again | `test_a_connection_that_lay_idle_is_not_used_again` |
| 30 | a byte now and then, at the adapter | `test_a_byte_now_and_then_ends_at_the_total_deadline` |
| 32 | nor is a redirect | `test_the_body_of_a_redirect_is_neither_inflated_nor_read_to_its_end` |
| 35 | the token goes to no proxy | `test_it_goes_to_no_proxy_of_the_environment` |

Where the answer began with a status, the status decides (rows 29, 33, and bad chunking of row 36).
"""

import socket
import struct
import time
import tracemalloc
from pathlib import Path

import certifi
import pytest

from cancellations import sentences
from cancellations.adapters import wire
from cancellations.adapters.prevail import PrevailApi
from reliability.scene import IMPATIENT_S, PATIENT_S, Scene, at
from wire_server import wire_server

UNKNOWN, AGAIN = "outcome_unknown", "retrying"
LOOKED = ["PATCH", "GET"]
LOOKED_AND_SENT = ["PATCH", "GET", "PATCH"]


# ── Nothing left this machine ─────────────────────────────────────────────────────────────────────


def test_row_20_a_name_that_does_not_resolve_is_tried_again_without_a_look(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    request = scene.asked("s-1")
    with monkeypatch.context() as without_names:
        without_names.setattr(wire, "getaddrinfo", nobody)
        assert scene.waits(request).status == AGAIN
    assert scene.comes_again(request).status == "canceled"
    assert scene.methods() == ["PATCH"]


def test_row_21_a_refused_connection_is_tried_again_without_a_look(scene: Scene) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    request, there = scene.asked("s-1"), scene.organization
    scene.organization = at(scene, f"http://127.0.0.1:{port}")
    assert scene.waits(request).status == AGAIN
    scene.organization = there
    assert scene.comes_again(request).status == "canceled"
    assert scene.methods() == ["PATCH"]


def trusting(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PrevailApi:
    """Trusts the emulator's authority, so that nothing is wrong but what is meant to be."""
    root = tmp_path / "root.pem"
    root.write_text(scene.emulator.tls_root(), encoding="ascii")
    monkeypatch.setattr(certifi, "where", lambda: str(root))
    return PrevailApi(scene.clock, total_s=PATIENT_S)


def test_row_22_a_certificate_without_fault_is_taken(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.api = trusting(scene, tmp_path, monkeypatch)
    scene.organization = at(scene, scene.emulator.open_tls("right"))
    assert scene.settled(scene.asked("s-1")).status == "canceled"


@pytest.mark.parametrize("kind", ["self-signed", "expired", "wrong-host", "old"])
def test_row_22_bad_tls_gets_no_token_and_is_tried_again(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    scene.api = trusting(scene, tmp_path, monkeypatch)
    scene.organization = at(scene, scene.emulator.open_tls(kind))
    request = scene.asked("s-1")
    assert sentences.waits(scene.waits(request).waits) == "SSLError"
    assert (scene.status(request), scene.methods()) == (AGAIN, [])


def test_row_22_bad_tls_raises_no_storm(scene: Scene) -> None:
    scene.organization = at(scene, scene.emulator.open_tls("self-signed"))
    worker, requests = scene.process(), [scene.asked(f"s-{n}") for n in range(6)]
    last = [scene.waits(request, worker) for request in requests][-1]
    assert sentences.waits(last.waits) == "the breaker is open: SSLError"


def test_row_23_a_handshake_that_stalls_ends_at_the_connect_deadline(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wire.CONNECT_S <= 3
    monkeypatch.setattr(wire, "CONNECT_S", IMPATIENT_S)
    scene.organization = at(scene, scene.emulator.open_tls("stalled"))
    began = time.monotonic()
    assert scene.waits(scene.asked("s-1")).status == AGAIN
    assert time.monotonic() - began < PATIENT_S / 2


def test_row_24_a_reset_before_the_request_is_tried_again_on_another_connection(scene: Scene) -> None:
    request, there = scene.asked("s-1"), scene.organization
    with wire_server(resets, read_first=False, scheme="https") as server:
        scene.organization = at(scene, server.url)
        assert scene.waits(request).status == AGAIN
        assert server.connections == 1
    scene.organization = there
    assert scene.comes_again(request).status == "canceled"
    assert scene.methods() == ["PATCH"]


def resets(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


# ── Connections that are used again ───────────────────────────────────────────────────────────────


def after_one(scene: Scene, fault: str) -> None:
    """A call that was answered and leaves its connection behind, with something wrong with it."""
    scene.emulator.put_faults({"fault": fault, "count": 1})
    assert scene.settled(scene.asked("s-before")).status == "canceled"


def test_row_25_a_stale_connection_that_breaks_while_written_to_is_in_doubt(scene: Scene) -> None:
    after_one(scene, "stale-reset")
    request = scene.asked("s-1")
    assert scene.waits(request).status == UNKNOWN
    assert scene.comes_again(request).status == "canceled"
    assert scene.methods()[1:] == ["GET", "PATCH"]
    assert scene.counted(request) == (1, 1)


def test_row_25_a_connection_that_the_peer_closed_is_not_used(scene: Scene) -> None:
    after_one(scene, "stale-close")
    request = scene.asked("s-1")
    assert scene.settled(request).status == "canceled"
    assert scene.counted(request) == (1, 1)


def test_row_25_an_answer_that_was_there_before_the_request_is_not_its_answer(scene: Scene) -> None:
    scene.api = PrevailApi(scene.clock, total_s=1.0)
    after_one(scene, "early")
    request = scene.asked("s-1")
    assert scene.settled(request).status == "canceled"
    assert scene.counted(request) == (1, 1)


# ── The answer does not come ──────────────────────────────────────────────────────────────────────


def test_row_26_a_read_timeout_after_prevail_canceled_settles_without_a_second_patch(scene: Scene) -> None:
    scene.emulator.put_faults({"fault": "silent", "count": 1})
    request = scene.asked("s-1")
    assert scene.waits(request, scene.impatient()).status == UNKNOWN
    assert scene.comes_again(request).status == "canceled"
    assert (scene.counted(request), scene.mailed(request), scene.methods()) == ((1, 1), 2, LOOKED)


def test_row_27_a_read_timeout_before_prevail_canceled_is_sent_again_after_a_look(scene: Scene) -> None:
    scene.emulator.put_faults({"fault": "silent-before", "count": 1})
    request = scene.asked("s-1")
    assert scene.waits(request, scene.impatient()).status == UNKNOWN
    assert scene.comes_again(request).status == "canceled"
    assert (scene.counted(request), scene.mailed(request), scene.methods()) == ((2, 1), 2, LOOKED_AND_SENT)


@pytest.mark.parametrize("where", ["reset-start", "reset-head", "reset-20"])
@pytest.mark.parametrize(("when", "calls"), [("after", LOOKED), ("before", LOOKED_AND_SENT)])
def test_row_28_a_reset_before_the_headers_end_is_looked_into(
    scene: Scene, where: str, when: str, calls: list[str]
) -> None:
    scene.emulator.put_faults({"fault": f"{where}-{when}", "count": 1})
    request = scene.asked("s-1")
    assert scene.waits(request).status == UNKNOWN
    assert scene.comes_again(request).status == "canceled"
    assert (scene.methods(), scene.counted(request)[1], scene.mailed(request)) == (calls, 1, 2)


@pytest.mark.parametrize("fault", ["reset-body", "truncated"])
def test_row_29_a_body_that_breaks_off_after_200_is_a_success(scene: Scene, fault: str) -> None:
    scene.emulator.put_faults({"fault": fault, "count": 1})
    request = scene.asked("s-1")
    assert scene.settled(request).status == "canceled"
    assert (scene.counted(request), scene.methods()) == ((1, 1), ["PATCH"])


def test_row_30_a_byte_now_and_then_is_cut_by_the_total_deadline_and_looked_into(scene: Scene) -> None:
    scene.emulator.put_faults({"fault": "drip-50", "count": 1})
    request = scene.asked("s-1")
    began = time.monotonic()
    assert scene.waits(request, scene.impatient()).status == UNKNOWN
    assert time.monotonic() - began < PATIENT_S / 2
    assert scene.comes_again(request).status == "canceled"
    assert scene.methods() == LOOKED


# ── The answer is too much ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fault", ["headers", "interim-100000"])
def test_row_31_headers_and_interim_answers_without_end_are_cut_and_looked_into(
    scene: Scene, fault: str
) -> None:
    scene.emulator.put_faults({"fault": fault, "count": 1})
    request = scene.asked("s-1")
    assert scene.waits(request).status == UNKNOWN
    assert scene.comes_again(request).status == "canceled"
    assert (scene.counted(request), scene.methods()) == ((1, 1), LOOKED)


def test_row_31_a_body_without_end_is_cut_and_the_status_decides(scene: Scene) -> None:
    scene.emulator.put_faults({"fault": "huge-1000", "count": 1})
    request = scene.asked("s-1")
    began = time.monotonic()
    outcome = scene.settled(request)
    assert (outcome.status, scene.counted(request)) == ("canceled", (1, 1))
    assert outcome.evidence is not None
    assert len(outcome.evidence.words or "") < 1000
    assert time.monotonic() - began < PATIENT_S / 2


def test_row_32_what_inflates_without_end_is_not_inflated(scene: Scene) -> None:
    scene.emulator.put_faults({"fault": "bomb", "count": 1})
    request = scene.asked("s-1")
    tracemalloc.start()
    outcome = scene.settled(request)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (outcome.status, scene.counted(request)) == ("canceled", (1, 1))
    assert peak < 20_000_000


# ── The answer is not what it should be ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("body", ["empty", "html", "broken", "list", "null", "binary", "deep"])
def test_row_33_under_a_200_any_body_is_evidence_only(scene: Scene, body: str) -> None:
    scene.emulator.put_faults({"fault": f"body-{body}", "method": "PATCH", "count": 1})
    request = scene.asked("s-1")
    assert scene.settled(request).status == "canceled"
    assert (scene.counted(request), scene.methods()) == ((1, 1), ["PATCH"])


def test_row_34_a_204_is_a_success(scene: Scene) -> None:
    scene.emulator.put_switches(canceled=204)
    request = scene.asked("s-1")
    assert scene.settled(request).status == "canceled"
    assert (scene.counted(request), scene.methods()) == ((1, 1), ["PATCH"])


@pytest.mark.parametrize(("fault", "calls"), [("202-after", LOOKED), ("202", LOOKED_AND_SENT)])
def test_row_34_a_202_is_looked_into_later(scene: Scene, fault: str, calls: list[str]) -> None:
    scene.emulator.put_faults({"fault": fault, "count": 1})
    request = scene.asked("s-1")
    assert scene.waits(request).status == UNKNOWN
    assert scene.comes_again(request).status == "canceled"
    assert (scene.methods(), scene.counted(request)[1]) == (calls, 1)


@pytest.mark.parametrize("where", ["other", "relative", "itself", "nonsense"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_row_35_a_redirect_is_never_followed(scene: Scene, status: int, where: str) -> None:
    scene.emulator.put_faults({"fault": f"redirect-{status}-{where}", "count": 1})
    request = scene.asked("s-1")
    outcome = scene.settled(request)
    assert (outcome.status, outcome.reason) == ("refused", "redirected")
    assert (scene.counted(request), scene.methods()) == ((1, 0), ["PATCH", "GET"])


@pytest.mark.parametrize("kind", ["bytes", "text", "status", "half", "lengths"])
@pytest.mark.parametrize(("when", "calls"), [("after", LOOKED), ("before", LOOKED_AND_SENT)])
def test_row_36_what_is_no_http_is_looked_into(scene: Scene, kind: str, when: str, calls: list[str]) -> None:
    scene.emulator.put_faults({"fault": f"garbage-{kind}-{when}", "count": 1})
    request = scene.asked("s-1")
    assert scene.waits(request).status == UNKNOWN
    assert scene.comes_again(request).status == "canceled"
    assert (scene.methods(), scene.counted(request)[1], scene.mailed(request)) == (calls, 1, 2)


@pytest.mark.parametrize("fault", ["chunked", "garbage-length"])
def test_row_36_a_200_whose_body_breaks_the_rules_is_a_success_and_nothing_is_sent_twice(
    scene: Scene, fault: str
) -> None:
    scene.emulator.put_faults({"fault": fault, "count": 1})
    request = scene.asked("s-1")
    assert scene.settled(request).status == "canceled"
    assert scene.methods() == ["PATCH"]
