"""`cancelctl state`: was it cancelled? What Prevail's list says about a session beside what the ledger says."""

import json
from collections.abc import Iterator
from typing import Annotated

import typer

from cancellations.answers import NOT_LISTED
from cancellations.domain import Json
from cancellations.wiring.process import clock
from cancellations.writes import at
from cli import given
from cli.deployment import PrevailUrl, Secrets, StackName, deployment_of
from cli.given import AsJson, Config
from cli.ledger import Name, TableName
from oncall.inquiry import Inquire, Inquiry
from oncall.session import SHOWN
from stack import Refused, StackError
from stack.places import SHIPPED_CONFIGURATION

VERDICTS = {True: "canceled", False: "not canceled", None: "could not be told"}
EXIT_CODES = {True: 0, False: 1, None: 2}


def state(
    organization: Annotated[str, typer.Argument(help="Whose session it is: the slug at Prevail.")],
    session: Annotated[str, typer.Argument(metavar="REMOTE_SESSION_ID", help="The remote_session_id.")],
    *,
    starts_at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Read the list around this time first: ISO 8601, or seconds since 1970."
        ),
    ] = None,
    name: Name = None,
    stack: StackName = None,
    table: TableName = None,
    secrets: Secrets = None,
    prevail_url: PrevailUrl = None,
    config: Config = SHIPPED_CONFIGURATION,
    as_json: AsJson = False,
) -> None:
    """Was it cancelled? Reads Prevail's list and the ledger, and changes nothing.

    Exit code 0: Prevail lists it as canceled. 1: in another state. 2: it could not be told.
    """
    begins = None if starts_at is None else given.moment(starts_at, option="--starts-at")
    try:
        where = deployment_of(name, stack, table, config, secrets=secrets, prevail_url=prevail_url)
        known = given.configuration(where.config)
        if where.prevail_url:
            known = known.at_origin(where.prevail_url)
        if organization not in known.organizations:
            raise Refused(
                f"there is no organization {organization!r}; there is: {', '.join(known.organizations)}"
            )
        found = Inquire(where, known, clock)(organization, session, begins)
    except StackError as failure:  # exit code 1 would say that it is not canceled
        raise Refused(str(failure)) from failure
    typer.echo(json.dumps(found.as_dict(), indent=2) if as_json else "\n".join(_lines(found)))
    raise typer.Exit(EXIT_CODES[found.canceled])


def _lines(found: Inquiry) -> Iterator[str]:
    yield f"{VERDICTS[found.canceled]}"
    yield f"session    {found.remote_session_id} of {found.organization.slug}"
    yield f"Prevail    {_prevail(found)}"
    yield f"ledger     {_ledger(found)}"
    for attempt in found.ledger.attempts[:SHOWN]:
        yield f"attempt    {attempt['at']}  {_short(attempt['request'])}  {attempt.get('answer', 'no answer yet')}"
    yield from _more("attempts", len(found.ledger.attempts))
    for request in found.ledger.requests[:SHOWN]:
        yield f"request    {_request(request)}"
    yield from _more("requests", len(found.ledger.requests))
    if found.ledger.partly:
        yield "           more requests are open than were looked through"
    yield f"{'they differ' if found.row.differ else 'means':<10} {found.means}"
    if found.do:
        yield f"to do      {found.do}"


def _prevail(found: Inquiry) -> str:
    listing, where = found.listing, found.organization.base_url
    if listing.state is None:
        return f"the list at {where} could not be read: {listing.said}"
    return f"{'not in the list' if listing.state == NOT_LISTED else listing.state}, by the list at {where}"


STANDINGS = {
    "nothing": "nobody has asked for it",
    "idle": "no attempt is under way",
    "in_flight": "an attempt holds it until {lease_until}",
    "abandoned": "an attempt held it until {lease_until}, and never came back",
    "settling": "a call of request {doubt_by} may have taken effect; to be looked into after {look_after}",
    "in_doubt": "a call of request {doubt_by} may have taken effect; the next attempt looks",
    "canceled": "canceled, by request {canceled_by}",
    "unread": "could not be read: {unread}",
}


def _ledger(found: Inquiry) -> str:
    told = found.ledger.as_dict()
    words = STANDINGS[found.ledger.standing]
    for name in ("doubt_by", "canceled_by"):
        words = words.replace(f"{{{name}}}", _short(told.get(name)))
    for name in ("lease_until", "look_after", "unread"):
        words = words.replace(f"{{{name}}}", str(told.get(name, "?")))
    return words


def _request(request: dict[str, Json]) -> str:
    """Its status and why, on one line."""
    outcome = ": ".join(
        str(part)
        for part in (at(request, ("outcome", "reason")), at(request, ("outcome", "evidence")))
        if part
    )
    waits = f"waits for {request['waiting_for']}" if "waiting_for" in request else ""
    again = f"again at {request['next_at']}" if "next_at" in request else ""
    told = (request["status"], f"by {request.get('source', '?')}", outcome, waits, again)
    return f"{_short(request['id'])}  " + ", ".join(str(part) for part in told if part)


def _short(request_id: Json) -> str:
    """As much of a request's id as tells it from others; all of it is in the JSON."""
    return request_id[:12] if isinstance(request_id, str) else "unknown to the ledger"


def _more(what: str, count: int) -> Iterator[str]:
    if count > SHOWN:
        yield f"           {count - SHOWN} more {what}: --json"
