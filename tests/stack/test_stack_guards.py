"""A person's word in what keeps calls from being made: `cancelctl guards`, on a ledger in memory."""

import json
import sys
from dataclasses import dataclass, field

import pytest

from builders import API_KEY, NOW, a_request, an_organization
from cancellations import sentences
from cancellations.errors import Unavailable
from cancellations.guard_items import GuardItems
from cancellations.permits import Hold, Permits, fingerprint
from cancellations.protocol import guards
from cancellations.quota import Quota
from cancellations.rates import FORGOTTEN_S, watched
from cancellations.writes import Item, Write
from cli import guards as commands
from cli import operators
from cli.guards import in_force
from cli.main import main
from fakes import Clock, MemoryTable

ACME = an_organization()
UNUSED = "never-started"


@dataclass
class Stage:
    """A ledger, a worker of it that has seen nothing yet, and the command line."""

    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    table: MemoryTable = field(default_factory=MemoryTable)
    clock: Clock = field(default_factory=lambda: Clock(NOW))

    def held(self) -> Hold | None:
        """What holds a request of the organization, asked by a worker that has seen nothing yet."""
        worker = Permits(self.table, self.clock, lambda: 0.0, GuardItems(self.table, self.clock))
        with worker.permit(ACME, API_KEY) as permit:
            return permit if isinstance(permit, Hold) else None

    def quota(self) -> Quota:
        return Quota(self.table, self.clock, lambda: 0.0)

    def cancelctl(self, *arguments: str) -> tuple[object, str, str]:
        self.monkeypatch.setattr(sys, "argv", ["cancelctl", "guards", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = self.capsys.readouterr()
        return ended.value.code or 0, said.out, said.err


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Stage:
    made = Stage(capsys, monkeypatch)
    monkeypatch.setattr(commands, "ledger_of", lambda *_: made.table)
    monkeypatch.setattr(operators, "caller_arn", lambda: "arn:aws:iam::111122223333:user/on-call")
    monkeypatch.setattr("time.time", made.clock)
    return made


def test_a_pause_holds_and_says_whose_it_is_and_why(stage: Stage) -> None:
    code, out, _ = stage.cancelctl("pause", "acme-legal", "--reason", "a test", "--by", "on call")
    hold = stage.held()
    assert code == 0
    assert "cancelctl guards resume acme-legal" in out
    assert hold is not None
    assert sentences.waits(hold.waits) == "paused by on call: a test"


def test_a_pause_without_a_reason_is_refused(stage: Stage) -> None:
    assert stage.cancelctl("pause", "acme-legal")[0] == 2
    assert stage.table.items == {}


def test_who_pauses_is_recorded_without_being_asked(stage: Stage) -> None:
    stage.monkeypatch.setenv("LOGNAME", "somebody")
    stage.cancelctl("pause", "acme-legal", "--reason", "a test")
    assert stage.table.items[guards.guard_key("acme-legal")]["paused_by"] == "somebody"


def test_resuming_ends_a_pause(stage: Stage) -> None:
    stage.cancelctl("pause", "acme-legal", "--reason", "a test", "--by", "on call")
    assert stage.cancelctl("resume", "acme-legal")[:2] == (0, "acme-legal is not paused\n")
    assert stage.held() is None


def test_releasing_lets_through_what_a_cap_holds(stage: Stage) -> None:
    assert stage.quota().count(a_request(), 0) is not None
    assert stage.cancelctl("release", "acme", "--by", "on call")[0] == 0
    assert stage.quota().count(a_request(), 0) is None
    assert stage.table.items[guards.cap_key("acme")]["cap_released_by"] == "on call"


# ── Showing ───────────────────────────────────────────────────────────────────────────────────────


def test_what_holds_nothing_back_says_so(stage: Stage) -> None:
    assert stage.cancelctl("show", "acme-legal") == (0, "nothing holds requests back\n", "")


def test_everything_that_holds_back_is_a_line(stage: Stage) -> None:
    for write in (
        guards.open_breaker("acme-legal", reason="HTTP 500", until=NOW + 60, now=NOW),
        guards.key_refused("acme-legal", fingerprint(API_KEY), now=NOW),
        guards.first_slot("acme-legal", now=NOW, apart_s=30.0),
        guards.pause("acme-legal", by="on call", reason="a test", now=NOW),
    ):
        stage.table.write(write)
    stage.quota().count(a_request(), 0)
    _, out, _ = stage.cancelctl("show", "acme-legal", "--source", "acme")
    assert out.splitlines() == [
        "paused    by on call since 2027-01-15T08:00:00Z: a test",
        "key       refused by Prevail at 2027-01-15T08:00:00Z; store another",
        "breaker   open since 2027-01-15T08:00:00Z, next probe after 2027-01-15T08:01:00Z: HTTP 500",
        "rate      the next free moment is in 30 s",
        "cap       exceeded at 2027-01-15T08:00:00Z; release it when it is meant",
    ]


def test_a_rate_that_was_learned_is_said() -> None:
    guard: Item = {"rate": 12.5, "rate_since": NOW - 60, "rate_taken": 40, "rate_turned_away": 2}
    said = "12.5 calls a second since 2027-01-15T07:59:00Z, learned; Prevail took 40 calls at this rate, turned 2 away"
    assert in_force(guard, {}, NOW) == [f"rate      {said}"]


def test_calls_that_are_only_counted_are_no_rate() -> None:
    guard: Item = {**watched(NOW - 1, seen=3).as_item()}
    said = "Prevail turned a call away; for some seconds all calls are counted, and none waits"
    assert in_force(guard, {}, NOW) == [f"rate      {said}"]


def test_a_rate_that_nobody_has_felt_for_an_hour_is_not_shown() -> None:
    guard: Item = {"rate": 12.5, "rate_since": NOW - FORGOTTEN_S - 1}
    assert in_force(guard, {}, NOW) == ["nothing holds requests back"]


def test_what_is_released_holds_nothing_though_it_is_exceeded() -> None:
    cap: Item = {"cap_tripped_at": NOW, "cap_free_until": NOW + 10}
    assert in_force({}, cap, NOW) == ["nothing holds requests back"]


def test_it_is_shown_as_json_too(stage: Stage) -> None:
    stage.table.write(guards.pause("acme-legal", by="on call", reason="a test", now=NOW))
    _, out, _ = stage.cancelctl("show", "acme-legal", "--source", "acme", "--json")
    shown = json.loads(out)
    assert (shown["organization"]["paused_by"], shown["source"]) == ("on call", {})


def test_showing_writes_nothing(stage: Stage) -> None:
    stage.cancelctl("show", "acme-legal", "--source", "acme")
    assert stage.table.writes == 0


# ── Which ledger ──────────────────────────────────────────────────────────────────────────────────


COMMANDS = [
    ("show", "acme-legal"),
    ("pause", "acme-legal", "--reason", "a test"),
    ("resume", "acme-legal"),
    ("release", "acme"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_two_ledgers_at_once_are_refused(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, said = Stage(capsys, monkeypatch).cancelctl(*command, "--name", UNUSED, "--table", "ledger")
    assert (code, "not both" in said) == (2, True)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_stack_that_does_not_run_has_no_guards(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, said = Stage(capsys, monkeypatch).cancelctl(*command, "--name", UNUSED)
    assert (code, f"cancelctl local up --name {UNUSED}" in said) == (1, True)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_ledger_that_does_not_answer_is_a_failure(stage: Stage, command: tuple[str, ...]) -> None:
    class Silent(MemoryTable):
        def read(self, key: str) -> Item | None:
            raise Unavailable(f"the table did not answer for {key}")

        def write(self, write: Write) -> Item:
            raise Unavailable(f"the table did not answer for {write.key}")

    stage.table = Silent()
    code, _, said = stage.cancelctl(*command, "--table", "ledger")
    assert code == 1
    assert "the table did not answer" in said
    assert "Sign in" in said
