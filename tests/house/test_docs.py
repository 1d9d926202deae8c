"""Documents that say what code does are held to it."""

import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from builders import a_request, a_result, some_evidence
from cancellations.domain import Outcome, Request
from cancellations.ledger import Ledger
from cancellations.protocol import Claim, session_key
from cancellations.results import untried
from cancellations.verdicts import Busy, CanceledBefore
from cancellations.writes import Item
from fakes import MemoryTable

ROOT = Path(__file__).parents[2]
ARCHITECTURE = ROOT / "docs" / "architecture.md"
NOW, LEASE_S, LOOK_AFTER = 1_800_000_000.0, 120.0, 60.0

type Transition = tuple[str, str, str]


class Bench:
    """A fresh session brought into a state by the protocol's own writes."""

    def __init__(self) -> None:
        names = count()
        self.table = MemoryTable()
        self.ledger = Ledger(self.table, lambda: str(next(names)), LEASE_S)
        self.mine, self.other = a_request(), a_request(event_id="other")

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
    ledger, mine, refused = bench.ledger, bench.mine, Outcome("refused", "not_permitted")
    return {
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
    }.items():
        for name in names:
            bench = Bench()
            held: Claim = getattr(bench, start.replace(", ", "_").replace(" ", "_"))()
            records(bench, held)[name]()
            yield start, name, str(bench.session["state"])


def claims() -> Iterator[Transition]:
    for start, now in {
        "idle": NOW,
        "in_flight": NOW,
        "in_flight, lease expired": NOW + LEASE_S + 1,
        "unknown": NOW,
        "unknown, settling time over": NOW + LOOK_AFTER + 1,
        "canceled": NOW,
    }.items():
        bench = Bench()
        if start != "idle":
            getattr(bench, start.split(",")[0])()
        match bench.ledger.claim(bench.other, now):
            case Claim(in_doubt=True):
                yield start, "claim", "in_doubt"
            case Claim():
                yield start, "claim", str(bench.session["state"])
            case Busy():
                yield start, "claim", "busy"
            case CanceledBefore():
                yield start, "claim", "canceled before"


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
