"""`cancelctl local load | latency | chaos`: many webhooks at a running stack."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

import stack
from trial import chaos, load

Name = Annotated[str, typer.Option(help="Which stack.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def run_load(
    *,
    name: Name = stack.DEFAULT_NAME,
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many webhooks.")] = 1000,
    threads: Annotated[int, typer.Option(min=1, max=64, help="From how many threads.")] = 8,
    as_json: AsJson = False,
) -> None:
    """Post many signed webhooks and wait until all have settled. Exit code 1 if any did not cancel its session."""
    info = _emulated(name)
    with _bars(count) as progress:
        result = load.load(info, count, threads, progress)
    _say(
        result,
        f"load: {result.posts} posts, answers {_told(result.answers)}, requests {_told(result.statuses)}, "
        f"{result.patches} PATCHes, {result.emails} e-mails, {result.dead_letters} dead letters; "
        f"posted in {result.posting_s:.1f} s, settled in {result.settling_s:.1f} s",
        as_json=as_json,
    )
    if not result.complete:
        raise typer.Exit(1)


def run_latency(
    *,
    name: Name = stack.DEFAULT_NAME,
    count: Annotated[int, typer.Option(min=20, max=10_000, help="How many webhooks.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Post webhooks one after the other and time each until its request has settled."""
    result = load.latency(_emulated(name), count)
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
    """The same while workers are killed and 5 % of Prevail's answers never come; takes some ten minutes."""
    info = _emulated(name)
    with _bars(count) as progress:
        result = chaos.chaos(info, count, seed, progress, platform=platform)
    _say(
        result,
        f"chaos: {count} posts, {result.kills} workers killed, {result.struck} calls to AWS struck, "
        f"requests {_told(result.load.statuses)}, "
        f"{result.changed_once} sessions changed once, {result.mailed} mailed, {result.load.patches} PATCHes, "
        f"{result.load.dead_letters} dead letters; settled in {result.load.settling_s:.0f} s (seed {seed})",
        as_json=as_json,
    )
    if not result.survived:
        raise typer.Exit(1)


def _emulated(name: str) -> stack.StackInfo:
    info = stack.running(name)
    if not info.prevail_emulated:
        raise stack.Refused(f"stack {name!r} talks to {info.prevail_url}: load is for the emulator alone")
    return info


def _say(result: load.Load | load.Latency | chaos.Chaos, words: str, *, as_json: bool) -> None:
    typer.echo(json.dumps(asdict(result), indent=2) if as_json else words)


def _told(counts: dict[str, int]) -> str:
    return " + ".join(f"{count} x {what}" for what, count in sorted(counts.items())) or "none"


@contextmanager
def _bars(count: int) -> Iterator[Callable[[int, int], None]]:
    with Progress(console=Console(stderr=True), transient=True) as bars:
        posted = bars.add_task("posted", total=count)
        settled = bars.add_task("settled", total=count)

        def show(done: int, through: int) -> None:
            bars.update(posted, completed=done)
            bars.update(settled, completed=through)

        yield show
