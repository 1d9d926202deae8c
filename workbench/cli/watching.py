"""How far a load has come, while it runs: bars and figures in a terminal, a line now and then elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bars
from rich.text import Text

from trial.load.progress import Progress

LINE_EVERY_S = 5.0


@contextmanager
def watching(console: Console | None = None) -> Iterator[Callable[[Progress], None]]:
    """On stderr; nothing of the bars stays."""
    on = console or Console(stderr=True, highlight=False, soft_wrap=True)
    yield from _bars(on) if on.is_terminal else _lines(on)


def _lines(on: Console) -> Iterator[Callable[[Progress], None]]:
    due = 0.0

    def show(now: Progress) -> None:
        nonlocal due
        if now.elapsed_s >= due:
            due = now.elapsed_s + LINE_EVERY_S
            on.print(f"{counts(now)}; {figures(now)}", markup=False)

    yield show


def _bars(on: Console) -> Iterator[Callable[[Progress], None]]:
    bars = Bars(TextColumn("{task.description:<8}"), BarColumn(), MofNCompleteColumn(), console=on)
    tasks = {name: bars.add_task(name, total=None) for name in ("posted", "answered", "settled")}
    with Live(console=on, transient=True, refresh_per_second=4) as live:

        def show(now: Progress) -> None:
            bars.update(tasks["posted"], total=now.posts, completed=now.posted)
            bars.update(tasks["answered"], total=now.posts, completed=now.answered)
            bars.update(tasks["settled"], total=now.requests, completed=now.settled)
            live.update(Group(bars, Text(figures(now), "red" if now.failures else "")))

        yield show


def counts(now: Progress) -> str:
    return (
        f"{now.elapsed_s:.0f} s: {now.posted} of {now.posts} posted, {now.answered} answered, "
        f"{now.settled} of {now.requests} settled"
    )


def figures(now: Progress) -> str:
    told = [f"{now.failures} failures", f"{now.rate:.1f} posts/s"]
    if now.p50_ms is not None and now.p99_ms is not None:
        told.append(f"answered in p50 {now.p50_ms:.0f} ms, p99 {now.p99_ms:.0f} ms")
    if now.posted == now.posts:
        told.append("waiting for the rest to settle")
    elif now.left_s is not None:
        told.append(f"{now.left_s:.0f} s of posting left")
    return ", ".join(told)
