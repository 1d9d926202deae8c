"""`cancelctl send`: any sample of events/ to a running stack, as its sender would make it, and what becomes of it."""

import json
from enum import StrEnum
from typing import Annotated

import typer

import stack
from prevail.client import Emulator
from stack import Refused, StackError
from trial import sending
from trial.gallery import SAMPLES
from trial.senders import Senders, fresh
from trial.sending import Became

Story = StrEnum("Story", {name: name for name in SAMPLES})  # type: ignore[misc] # the samples are its members
"""What can be sent."""


def send(
    sample: Annotated[
        Story, typer.Argument(metavar="SAMPLE", help="Which one of events/: see events/README.md.")
    ],
    *,
    session: Annotated[
        str | None, typer.Option(help="The remote_session_id to cancel; else one made up for it.")
    ] = None,
    without_email: Annotated[
        bool, typer.Option("--without-email", help="Ask for no e-mail to the participants.")
    ] = False,
    source: Annotated[
        str | None, typer.Option(help="Which source sends it; by default the sample's own, or one that fits.")
    ] = None,
    name: Annotated[str, typer.Option(help="Which stack.")] = stack.DEFAULT_NAME,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print what became of each item, requests as the ledger holds them."),
    ] = False,
) -> None:
    """Send one sample and wait until it has settled. Exit code 0 if each item ends as the sample says."""
    chosen = SAMPLES[str(sample)]
    if without_email and not chosen.says_email:
        raise Refused(f"{chosen.name} says nothing of e-mails; there --without-email means nothing")
    info = stack.running(name)
    if session is None and not info.prevail_emulated:
        raise Refused(f"stack {name!r} talks to {info.prevail_url}: say which --session to cancel there")
    sent = Senders(info).made(chosen, fresh(session, without_email=without_email), source)
    if session is None:
        sending.make_ready(Emulator(info.prevail_url), sent)
    elif session not in [request.remote_session_id for request in sent.requests]:
        raise Refused(f"{chosen.name} cannot name a session of your choice: leave --session out")
    became = sending.send(info, sent)
    if as_json:
        typer.echo(json.dumps([one.as_dict() for one in became], indent=2))
    else:
        typer.echo("\n".join(_told(one) for one in became))
    expected = chosen.becomes
    if len(became) != len(expected) or not all(map(Became.is_as, became, expected)):
        raise StackError(f"{chosen.name} should have become: {', '.join(expected)}")


def _told(one: Became) -> str:
    if one.request_id is None:
        return one.word
    return f"request   {one.request_id}\noutcome   {one.word}\nevidence  {one.evidence}"
