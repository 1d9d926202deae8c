"""Which records of a ledger are about somebody or something."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import typer

from cancellations.domain import Json
from cancellations.writes import KEY, Item, text
from cli.ledger import WholeLedger
from stack import Refused

SHORTEST = 3
"""What is shorter is in every record."""

RequestId = Annotated[
    str | None, typer.Option("--request", metavar="ID", help="One request, with its session.")
]
Session = Annotated[
    tuple[str, str] | None,
    typer.Option(
        "--session",
        metavar="ORG SESSION",
        help="One session, with everybody's requests. Reads the whole table.",
    ),
]
Matching = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="Every record that holds this anywhere. Reads the whole table."),
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One of the three."""

    request: str | None = None
    session: tuple[str, str] | None = None
    matching: str | None = None

    def __post_init__(self) -> None:
        if sum(way is not None for way in (self.request, self.session, self.matching)) != 1:
            raise Refused("write one of --request ID, --session ORG SESSION and --matching TEXT")
        if self.matching is not None and len(self.matching) < SHORTEST:
            raise Refused(f"--matching {self.matching!r}: write at least {SHORTEST} characters")

    def found_in(self, ledger: WholeLedger) -> list[Item]:
        """In the order of their keys. Raises Unavailable."""
        if self.request is not None:
            return _of_request(ledger, self.request)
        if self.session is not None:
            organization, session = self.session
            return _sorted(item for item in ledger.items() if _is_about(item, organization, session))
        return _sorted(item for item in ledger.items() if _holds(item, (self.matching or "").casefold()))


def _of_request(ledger: WholeLedger, request_id: str) -> list[Item]:
    request = ledger.read(f"REQUEST#{request_id}")
    if request is None:
        return []
    session = ledger.read(f"SESSION#{text(request, 'organization')}#{text(request, 'remote_session_id')}")
    return _sorted(item for item in (request, session) if item)


def _is_about(item: Item, organization: str, session: str) -> bool:
    """Requests and the session itself; ids of senders that mean it; what operators did to it."""
    whose = f"SESSION#{organization}#{session}"
    if text(item, "about") == whose:
        return True
    named = text(item, "remote_session_id") == session
    return named and text(item, "organization") in (organization, None)


def _holds(value: Json, wanted: str) -> bool:
    match value:
        case str():
            return wanted in value.casefold()
        case list():
            return any(_holds(part, wanted) for part in value)
        case dict():
            return any(wanted in name.casefold() or _holds(part, wanted) for name, part in value.items())
    return False


def _sorted(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda item: str(item[KEY]))
