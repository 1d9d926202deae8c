"""Documents that say what code does are held to it."""

import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from builders import a_request, a_result, faults_of, some_evidence
from cancellations.domain import Outcome, Request
from cancellations.ledger import Ledger
from cancellations.protocol import Claim, session_key
from cancellations.protocol.claiming import RESTORED_AFTER_S
from cancellations.results import by_state, untried
from cancellations.verdicts import Busy, CanceledBefore, SettledBefore
from cancellations.writes import Item
from configured import of_organization
from fakes import MemoryTable

ROOT = Path(__file__).parents[2]
ARCHITECTURE = ROOT / "docs" / "architecture.md"
NOW, LEASE_S, LOOK_AFTER = 1_800_000_000.0, 120.0, 60.0

ANEW = ("canceled, asked for anew", "looked_at, lease expired", "idle, refused seconds ago")
"""Where a claim is for a request that is accepted at that moment."""

type Transition = tuple[str, str, str]


class Bench:
    """A fresh session brought into a state by the protocol's own writes."""

    def __init__(self) -> None:
        names = count()
        self.table = MemoryTable()
        self.ledger = Ledger(self.table, lambda: str(next(names)), LEASE_S)
        self.mine, self.other = a_request(), a_request(event_id="other")
        self.later = a_request(event_id="later", accepted_at=NOW + RESTORED_AFTER_S + 1)

    def claimed(self, request: Request, now: float = NOW) -> Claim:
        held = self.ledger.claim(request, now)
        assert isinstance(held, Claim)
        return held

    def in_flight(self) -> Claim:
        return self.claimed(self.mine)

    def in_doubt(self) -> Claim:
        self.claimed(self.mine)
        return self.claimed(self.mine, NOW + LEASE_S + 1)

    def in_doubt_by_another(self) -> Claim:
        self.claimed(self.other)
        return self.claimed(self.mine, NOW + LEASE_S + 1)

    def refused_before(self) -> None:
        """Prevail has just refused the session to a request that was accepted before the others."""
        self.ledger.record_refused(
            self.mine, self.in_flight(), Outcome("refused", "wrong_state"), a_result(409)
        )

    def looked_at(self) -> Claim:
        """Somebody asks for a canceled session so long afterwards that it may have been put back."""
        self.canceled()
        return self.claimed(self.later, self.later.accepted_at)

    def unknown(self) -> None:
        self.ledger.record_unknown(self.mine, self.in_flight(), a_result(500), now=NOW, settling_s=LOOK_AFTER)

    def canceled(self) -> None:
        self.ledger.record_canceled(
            self.mine, self.in_flight(), ours=True, result=a_result(200), evidence=some_evidence(200)
        )

    @property
    def session(self) -> Item:
        return self.table.items[session_key(self.mine)]


def records(bench: Bench, held: Claim) -> dict[str, Callable[[], object]]:
    ledger, refused = bench.ledger, Outcome("refused", "not_permitted")
    mine = bench.later if held.was_canceled else bench.mine
    return {
        "record_still_canceled": lambda: ledger.record_still_canceled(
            mine, held, untried("state_read", "canceled"), by_state("canceled")
        ),
        "record_restored": lambda: ledger.record_restored(mine, held),
        "record_canceled": lambda: ledger.record_canceled(
            mine, held, ours=True, result=a_result(200), evidence=some_evidence(200)
        ),
        "record_refused": lambda: ledger.record_refused(mine, held, refused, a_result(403)),
        "record_unsent": lambda: ledger.record_unsent(mine, held, untried("out_of_time")),
        "record_unknown": lambda: ledger.record_unknown(
            mine, held, a_result(500), now=NOW, settling_s=LOOK_AFTER
        ),
    }


def recorded() -> Iterator[Transition]:
    for start, names in {
        "in_flight": ("record_canceled", "record_refused", "record_unsent", "record_unknown"),
        "in_doubt": ("record_canceled", "record_refused", "record_unsent", "record_unknown"),
        "in_doubt, by another": ("record_refused",),
        "looked_at": ("record_still_canceled", "record_restored", "record_refused", "record_unsent"),
    }.items():
        for name in names:
            bench = Bench()
            held: Claim = getattr(bench, start.replace(", ", "_").replace(" ", "_"))()
            records(bench, held)[name]()
            yield start, name, str(bench.session["state"])


def claims() -> Iterator[Transition]:
    later = NOW + RESTORED_AFTER_S + 1
    for start, now in {
        "idle": NOW,
        "in_flight": NOW,
        "in_flight, lease expired": NOW + LEASE_S + 1,
        "unknown": NOW,
        "unknown, settling time over": NOW + LOOK_AFTER + 1,
        "canceled": NOW,
        "canceled, asked for anew": later,
        "looked_at, lease expired": later + LEASE_S + 1,
        "idle, refused after it was accepted": NOW,
        "idle, refused seconds ago": NOW + 1,
    }.items():
        bench = Bench()
        asking = bench.other
        if "refused" in start:
            bench.refused_before()
        elif start != "idle":
            getattr(bench, start.split(",")[0])()
        if start in ANEW:
            asking = a_request(event_id="asks", accepted_at=now)
        yield start, "claim", _verdict(bench, bench.ledger.claim(asking, now))


def _verdict(bench: Bench, verdict: object) -> str:
    match verdict:
        case Claim(in_doubt=True):
            return "in_doubt"
        case Claim(was_canceled=True):
            return "looked_at"
        case Claim():
            return str(bench.session["state"])
        case Busy():
            return "busy"
        case CanceledBefore():
            return "canceled before"
        case SettledBefore():
            return "settled before"
    raise AssertionError(verdict)


def test_the_table_of_the_protocol_is_what_the_code_does() -> None:
    rows = re.findall(
        r"^\| (.+?) \| (claim|record_\w+) \| (.+?) \|$", ARCHITECTURE.read_text("utf-8"), re.MULTILINE
    )
    assert set(rows) == {*recorded(), *claims()}


def test_every_room_of_the_package_is_where_the_documents_say() -> None:
    package = ROOT / "layers" / "runtime" / "cancellations"
    named = re.findall(r"`((?:adapters|source|protocol)?/?\w+\.py)`", ARCHITECTURE.read_text("utf-8"))
    assert [name for name in named if not (package / name).exists()] == []


def test_every_decision_is_in_the_list() -> None:
    decisions = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (decisions / "README.md").read_text("utf-8"))
    assert sorted(listed) == sorted(file.name for file in decisions.glob("[0-9]*.md"))


def test_every_choice_of_an_organization_is_documented(tmp_path: Path) -> None:
    """The fault for an unknown key lists those that are known."""
    (fault,) = faults_of(of_organization(tmp_path, zzzzzz=1))
    known = set(fault.rpartition("choose one of: ")[2].split(", ")) - {"base_url", "secret"}
    page = (ROOT / "docs" / "deployment.md").read_text("utf-8")
    section = page.partition("## What an organization chooses")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == known


def test_every_command_of_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    used = re.findall(r"(?:`|    )make (\w+)", (ROOT / "README.md").read_text("utf-8"))
    assert [target for target in used if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


def test_every_test_that_the_documents_name_exists() -> None:
    named = {
        name
        for page in (ROOT / "docs").rglob("*.md")
        for name in re.findall(r"`(test_\w+)`", page.read_text("utf-8"))
    }
    written = {
        name
        for file in (ROOT / "tests").rglob("*.py")
        for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))
    }
    assert named - written == set()
