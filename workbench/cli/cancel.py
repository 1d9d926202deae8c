"""`cancelctl cancel`: ask for one cancellation in our own words, signed as IAM wants it."""

import json
import uuid
from http import HTTPStatus
from typing import Annotated, Any

import requests
import typer

import stack
from cancellations.domain import CANCELED, OWN_CALLERS, SETTLED, idempotency_key
from cancellations.ports import Table
from cli.ledger import answering, ledger_of
from cli.operators import By, operator
from stack import Refused, StackError
from trial.calling import WAIT_S, Caller
from trial.gallery import Ask
from trial.watch import TookTooLong, until

SETTLES_WITHIN_S = 60.0


def cancel(
    organization: Annotated[str, typer.Argument(help="Whose session it is: the slug at Prevail.")],
    session: Annotated[str, typer.Argument(help="The remote_session_id.")],
    *,
    without_email: Annotated[
        bool, typer.Option("--without-email", help="Ask for no e-mail to the participants.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="Words for the record.")] = None,
    key: Annotated[
        str | None,
        typer.Option(help="The Idempotency-Key: the same one again is the same request. Else new."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Which stack on this machine; the default one.")] = None,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Instead: ApiUrl of a stack in the AWS account you are in."),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(help="With --url: its ledger's table, to write the log of operators too."),
    ] = None,
    by: By,
    as_json: Annotated[bool, typer.Option("--json", help="Print the request as it is known.")] = False,
) -> None:
    """Cancel one session and wait for the outcome. Exit code 1 if it did not end as canceled."""
    if name and url:
        raise Refused("write --name for a stack on this machine, or --url for one in AWS, not both")
    if table and not url:
        raise Refused("--table goes with --url; a stack on this machine is known by its --name")
    caller = Caller.signed_in(url) if url else Caller.of_stack(stack.running(name or stack.DEFAULT_NAME))
    fields: dict[str, object] = {"organization": organization, "remote_session_id": session}
    fields |= {"cancel_without_email": without_email} | ({"reason": reason} if reason else {})
    ask = Ask(key or f"cancelctl-{uuid.uuid4().hex}", fields)
    if table or not url:
        note_ask(ledger_of(name, table), table, by, ask)
    request = _settled(caller, _id_in(caller.ask(ask, wait_s=WAIT_S)))
    if as_json:
        typer.echo(json.dumps(request, indent=2))
    else:
        _show(request)
    if request["status"] not in CANCELED:
        raise typer.Exit(1)


def note_ask(ledger: Table, table: str | None, by: str, ask: Ask) -> None:
    """The reason stands in the request, from where it can be erased."""
    organization, session = str(ask.fields["organization"]), str(ask.fields["remote_session_id"])
    request = idempotency_key(organization, OWN_CALLERS, ask.key)
    with answering(table):
        operator(ledger, table, by).note(
            "cancel", f"SESSION#{organization}#{session}", after={"request": request}
        )


def _id_in(answer: requests.Response) -> str:
    if answer.status_code in (HTTPStatus.OK, HTTPStatus.ACCEPTED):
        return str(answer.json()["id"])
    raise _failure(answer)


def _failure(answer: requests.Response) -> StackError:
    """In the words of the problem document, where it is one."""
    try:
        told = answer.json()
    except ValueError:
        told = {}
    said = told.get("detail") or told.get("title") or told.get("message") or answer.text[:200]
    failure = f"HTTP {answer.status_code}: {said}"
    return Refused(failure) if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR else StackError(failure)


def _settled(caller: Caller, request_id: str) -> dict[str, Any]:
    """Raises StackError where it does not settle in time."""

    def found() -> dict[str, Any] | None:
        answer = caller.found(request_id)
        if answer.status_code != HTTPStatus.OK:
            raise _failure(answer)
        request: dict[str, Any] = answer.json()
        return request if request["status"] in SETTLED else None

    try:
        return until(found, SETTLES_WITHIN_S, f"request {request_id} to settle", pause=0.5)
    except TookTooLong as late:
        raise StackError(f"{late}: it is stored, and stays on its way") from late


def _show(request: dict[str, Any]) -> None:
    outcome = request.get("outcome", {})
    told = ": ".join(str(part) for part in (outcome.get("status"), outcome.get("reason")) if part)
    typer.echo(f"request   {request['id']}\noutcome   {told}\nevidence  {outcome.get('evidence', '-')}")
