"""`cancelctl send`: one delivery to a running stack, as its sender would make it, and what becomes of it."""

import json
from enum import StrEnum
from typing import Annotated

import typer

import stack
from cancellations.writes import Item
from stack import SourceInfo, StackInfo
from trial.senders import Sender, put_bus_event, webhook
from trial.watch import TookTooLong, Watch, outcome


class Story(StrEnum):
    """The deliveries of events/ that can be sent."""

    webhook = "webhook"
    bus = "bus"


def send(
    story: Annotated[Story, typer.Argument(help="Which delivery of events/ to send.")],
    *,
    session: Annotated[str, typer.Option(help="The remote_session_id to cancel.")],
    without_email: Annotated[
        bool, typer.Option("--without-email", help="Ask for no e-mail to the participants.")
    ] = False,
    source: Annotated[str | None, typer.Option(help="Which source sends it; by default the first.")] = None,
    name: Annotated[str, typer.Option(help="Which stack.")] = stack.DEFAULT_NAME,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the request as the ledger holds it.")
    ] = False,
) -> None:
    """Send one delivery and wait until its request has settled. Exit code 1 if it did not."""
    info = stack.running(name)
    sender = _source(info, story, source)
    request_id = _sent(info, story, sender, session, without_email=without_email)
    try:
        item = Watch(info).settled(request_id)
    except TookTooLong as late:
        raise stack.StackError(f"{late}; see the log files of `cancelctl local info --json`") from late
    _show(request_id, item, as_json=as_json)


def _sent(info: StackInfo, story: Story, source: SourceInfo, session: str, *, without_email: bool) -> str:
    if story is Story.bus:
        return put_bus_event(info, source, session, without_email=without_email)
    delivery = webhook(source, session, without_email=without_email)
    answer = Sender(info).post(delivery)
    if not answer.ok:
        raise stack.StackError(f"HTTP {answer.status_code}: {answer.text}")
    return delivery.request_id


def _source(info: StackInfo, story: Story, name: str | None) -> SourceInfo:
    fitting = [s for s in info.sources if (s.source is not None) == (story is Story.bus)]
    for source in fitting:
        if name in (None, source.name):
            return source
    raise stack.Refused(
        f"no source {name or ''!r} sends a {story}; there is: {', '.join(s.name for s in fitting) or 'none'}"
    )


def _show(request_id: str, item: Item, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(item, indent=2))
        return
    found = item.get("outcome")
    evidence = found.get("evidence", "-") if isinstance(found, dict) else "-"
    typer.echo(f"request   {request_id}\noutcome   {outcome(item)}\nevidence  {evidence}")
