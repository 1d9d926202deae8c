"""`cancelctl local chaos | latency`: whether all ends well where workers die, and how long single webhooks take."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

import stack
from cli.interrupts import end_like_ctrl_c_on_other_signals
from cli.watching import watching
from trial import chaos, latency
from trial.load.result import told

Name = Annotated[str, typer.Option(help="Which stack.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def run_latency(
    *,
    name: Name = stack.DEFAULT_NAME,
    count: Annotated[int, typer.Option(min=20, max=10_000, help="How many webhooks.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Post webhooks one after the other and time each until its request has settled."""
    result = latency.latency(emulated(name), count)
    _say(
        result,
        f"latency over {result.posts} posts: answered after {result.answered_median_ms:.0f} ms, "
        f"settled after {result.settled_median_ms:.0f} ms (medians), p95 {result.settled_p95_ms:.0f} ms",
        as_json=as_json,
    )


def run_chaos(
    *,
    name: Name = stack.DEFAULT_NAME,
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many webhooks.")] = 500,
    seed: Annotated[int, typer.Option(help="Seed of the kills and of Prevail's faults.")] = 1,
    platform: Annotated[
        bool,
        typer.Option(
            "--platform", help="Let DynamoDB, SQS and Secrets Manager fail too, about every ninth call."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Does each session end well, once, while workers are killed? 5 % of Prevail's answers never come either.

    The mixture is always the same, senders come again until they are taken, and it takes some ten minutes. How long
    things take, at a rate and under faults that you name, `cancelctl local load` tells; it kills nothing.
    """
    info = emulated(name)
    end_like_ctrl_c_on_other_signals()
    with watching() as show:
        result = chaos.chaos(info, count, seed, show, platform=platform)
    _say(
        result,
        f"chaos: {count} posts, {result.kills} workers killed, {result.struck} calls to AWS struck, "
        f"requests {told(result.load.statuses)}, {result.load.changed_once} sessions changed once, "
        f"{result.load.emails} e-mails, {result.load.patches} PATCHes, "
        f"{result.load.dead_letters} dead letters; settled in {result.load.settling_s:.0f} s (seed {seed})",
        as_json=as_json,
    )
    if not result.survived:
        raise typer.Exit(1)


def emulated(name: str) -> stack.StackInfo:
    """Raises Refused where the stack talks to another Prevail: nobody floods that."""
    info = stack.running(name)
    if not info.prevail_emulated:
        raise stack.Refused(f"stack {name!r} talks to {info.prevail_url}: load is for the emulator alone")
    return info


def _say(result: latency.Latency | chaos.Chaos, words: str, *, as_json: bool) -> None:
    typer.echo(json.dumps(asdict(result), indent=2) if as_json else words)
