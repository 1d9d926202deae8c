"""`cancelctl local load`: many webhooks at a running stack, at a rate or as fast as can be, and how long they took."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

import stack
from cli import amounts
from cli.chaos import AsJson, Name, emulated
from cli.interrupts import end_like_ctrl_c_on_other_signals
from cli.screen import error
from cli.watching import watching
from prevail.client import Emulator
from prevail.faults import kinds
from prevail.fields import BadField
from trial.failing import LONGEST_WAIT_S, TRIES, Shares, aws_failing, prevail_failing
from trial.load.picture import picture
from trial.load.plan import Plan, deliveries_in, plan
from trial.load.result import Load, told
from trial.load.run import STALLED_AFTER_S, load
from trial.load.times import Times
from trial.platform.faults import FAULTS

MOST, USUAL = 100_000, 1000
THREADS, THREADS_AT_A_RATE = 8, 16
"""At a rate there must be one free in time. The local AWS starts a process for each post that is under way at once,
and more than these would get in their own way; whoever waits for a free thread counts as late."""

BAR = 40


def run_load(
    *,
    name: Name = stack.DEFAULT_NAME,
    rate: Annotated[
        float | None,
        typer.Option(
            min=0.01, max=1000, help="Post so many a second, each at its moment, whatever is answered."
        ),
    ] = None,
    duration: Annotated[
        str | None, typer.Option(metavar="TIME", help="With --rate: for so long, such as 90s, 5m or 1h.")
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(
            min=1, max=MOST, help=f"How many webhooks, {USUAL} if not said; without --rate as fast as can be."
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=256,
            help=f"How many at once at most: {THREADS}, or {THREADS_AT_A_RATE} with --rate, if not said.",
        ),
    ] = None,
    duplicates: Annotated[
        str,
        typer.Option(
            metavar="SHARE", help="So many, such as 10%, come twice: half at once, half within two seconds."
        ),
    ] = "0%",
    faults: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FAULT=SHARE,…",
            help="So many PATCHes meet a fault of docs/emulator.md, such as silent=5%,503-seconds-2=10%.",
        ),
    ] = None,
    platform_faults: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FAULT=SHARE,…",
            help=f"So many calls to DynamoDB, SQS and Secrets Manager meet one of: {', '.join(FAULTS)}.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Of all chance: which come twice and when, what a fault strikes.")
    ] = 1,
    picture_file: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE.svg", help="Draw how long they took.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Post signed webhooks, each for a session of its own, and tell how long they took to be answered and to settle.

    Times count from the moment at which a post was due. Exit code 1 unless every post was answered 202 and each
    session canceled by one PATCH. Nothing is killed: that is `cancelctl local chaos`.
    """
    posts = plan(
        _deliveries(rate, duration, count),
        rate=rate,
        duplicates=amounts.share(duplicates, option="--duplicates"),
        seed=seed,
    )
    of_prevail = amounts.shares(faults or (), _wrong_fault, option="--faults")
    of_aws = amounts.shares(platform_faults or (), _wrong_platform_fault, option="--platform-faults")
    _check_picture(picture_file)
    became = _loaded(
        emulated(name), posts, threads or (THREADS_AT_A_RATE if rate else THREADS), of_prevail, of_aws
    )
    if picture_file:
        picture_file.write_text(picture(became), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps({**asdict(became), "wrong": became.wrong}, indent=2))
    else:
        _show(became)
    for sentence in became.wrong:
        error(sentence)
    if became.wrong:
        raise typer.Exit(1)


def _deliveries(rate: float | None, duration: str | None, count: int | None) -> int:
    match rate, duration, count:
        case None, str(), _:
            raise stack.Refused("--duration needs a pace: say --rate too, such as --rate 20")
        case float(), None, None:
            raise stack.Refused("--rate needs an end: say --duration, such as --duration 60s, or --count")
        case float(), str(), int():
            raise stack.Refused("--rate with --duration says how many: leave out --count, or --duration")
        case float(), str(), None:
            planned = deliveries_in(rate, amounts.duration(duration))
            if planned > MOST:
                raise stack.Refused(
                    f"--rate {rate:g} for {duration} is {planned:,} webhooks, and {MOST:,} is the most: "
                    "lower either"
                )
            return planned
    return count or USUAL


def _wrong_fault(name: str) -> str | None:
    try:
        kinds.read(name)
    except BadField as wrong:
        return str(wrong).partition(": ")[2]
    return None


def _wrong_platform_fault(name: str) -> str | None:
    return None if name in FAULTS else f"there is no such fault; there is: {', '.join(FAULTS)}"


def _check_picture(file: Path | None) -> None:
    if file is None:
        return
    if file.suffix != ".svg":
        raise stack.Refused(
            f"--picture {file}: it is drawn as SVG, so name it {file.with_suffix('.svg').name}"
        )
    if not file.parent.is_dir():
        raise stack.Refused(f"--picture {file}: there is no folder {file.parent}")


def _loaded(info: stack.StackInfo, posts: Plan, threads: int, of_prevail: Shares, of_aws: Shares) -> Load:
    end_like_ctrl_c_on_other_signals()
    with ExitStack() as faults:
        struck = []
        if of_prevail:
            failing = prevail_failing(Emulator(info.prevail_url), of_prevail, posts.seed)
            struck.append(faults.enter_context(failing))
        if of_aws:
            struck.append(faults.enter_context(aws_failing(info, of_aws)))
        show = faults.enter_context(watching())
        return load(
            info,
            posts,
            threads,
            show,
            stalled_after_s=LONGEST_WAIT_S if struck else STALLED_AFTER_S,
            tries=TRIES if of_aws else 1,
            struck=struck,
        )


def _show(became: Load) -> None:
    pace = f" at {became.rate:g} a second" if became.rate else ""
    again = f" and {became.copies} again" if became.copies else ""
    typer.echo(
        f"load: {became.requests} posts{again}{pace}, answers {told(became.answers)}, "
        f"requests {told(became.statuses)}, {became.patches} PATCHes, {became.emails} e-mails, "
        f"{became.dead_letters} dead letters; posted in {became.posting_s:.1f} s, "
        f"settled in {became.settling_s:.1f} s (seed {became.seed})"
    )
    if became.faults:
        typer.echo(f"faults: {told(became.faults)}")
    if became.rate:
        typer.echo(f"posts left {became.behind_ms:.0f} ms late at most")
    out = Console(highlight=False, soft_wrap=True)
    for what, found in (("answered", became.answered), ("settled", became.settled)):
        if found:
            out.print(Text(f"\n{what}: {found.words}", "bold"))
            for line in _histogram(found):
                out.print(line)


def _histogram(found: Times) -> Iterator[Text]:
    most = max(bucket.count for bucket in found.buckets)
    width = max(len(bucket.label) for bucket in found.buckets)
    for bucket in found.buckets:
        bar = "█" * round(BAR * bucket.count / most) or ("▏" if bucket.count else "")
        marks = found.marks(bucket)
        yield Text.assemble(
            f"  {bucket.label:>{width}} ms  ",
            (bar, "blue"),
            f" {bucket.count:,}",
            f"  {marks}" if marks else "",
        )
