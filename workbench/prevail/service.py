"""All that one emulator consists of, behind both of its APIs and its page."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from prevail.board import Board
from prevail.faults.rules import Rule, Rules
from prevail.limit import Bucket
from prevail.log import Log
from prevail.model import Session, SessionReport, Totals
from prevail.postbacks import Postbacks
from prevail.replays import Replays
from prevail.switch import Value
from prevail.world import World


@dataclass(slots=True)
class Service:
    """`clock` is the machine's; the emulator's own is `now`. `start` are the switches that a reset goes back to."""

    clock: Callable[[], float]
    start: Mapping[str, Value] = field(default_factory=dict)
    world: World = field(default_factory=World)
    log: Log = field(default_factory=Log)
    faults: Rules = field(default_factory=Rules)
    bucket: Bucket = field(default_factory=Bucket)
    board: Board = field(init=False)
    postbacks: Postbacks = field(init=False)
    replays: Replays = field(default_factory=Replays)

    def __post_init__(self) -> None:
        self.board = Board(self.start)
        self.postbacks = Postbacks(self.world, self.board)

    def now(self) -> float:
        return self.clock() + self.board.everywhere.clock_ahead_s

    def report(self, session: Session) -> SessionReport:
        return self.world.report(session, self.log.patches[session.remote_session_id])

    def totals(self) -> Totals:
        invitations = self.world.counts.invitations.total()
        return Totals(
            patches=self.log.patches.total(),
            state_changes=self.world.counts.state_changes.total(),
            emails=self.world.counts.emails.total(),
            unauthorized=self.log.answers["unauthorized"],
            invitations=invitations,
            rate_limited=self.log.answers["rate_limited"],
            faults=self.log.faults,
            per_second=self.log.per_second(),
        )

    def put_rules(self, rules: Iterable[Rule]) -> None:
        """In the place of those there were."""
        self.faults.put(rules, self.world.organizations)

    def reset(self) -> None:
        self.world.clear()
        self.board.clear()
        self.faults.clear()
        self.log = Log()
        self.bucket = Bucket()
        self.replays = Replays()
