"""One run: all subjects side by side, interleaved, so that what the machine does meanwhile happens to all of them."""

import os
import platform
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench import events, hosts
from bench.figures import Figures, Run
from bench.sandbox import Broken, Invoked, Sandbox
from bench.subjects import Subject
from bench.world import Told, World

BATCH = 10
UPSTREAM_S = 0.150
BLOCKS = 10
REPEATS = 3

type Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often: fresh processes, warm events of each subject, batches. The first of each does not count."""

    cold: int = 15
    warm: int = 300
    batches: int = 8


@dataclass(slots=True)
class Samples:
    """Of one subject."""

    init: list[tuple[float, float]] = field(default_factory=list)
    """Milliseconds by the clock and on the processor."""
    first: list[Invoked] = field(default_factory=list)
    cold: list[Told] = field(default_factory=list)
    warm: list[Invoked] = field(default_factory=list)
    blocks: list[Told] = field(default_factory=list)
    batches: list[Invoked] = field(default_factory=list)
    log_bytes: int = 0
    repeated: int = 0
    memory_mb: float = 0.0


def measured(subjects: Sequence[Subject], world: World, rounds: Rounds, progress: Progress) -> Run:
    with _alone_on_one_core() as core:
        bench = _Bench(world, core, [(subject, Samples()) for subject in subjects])
        for number in range(rounds.cold + 1):
            progress(f"cold starts: round {number} of {rounds.cold}")
            bench.cold(counts=number > 0 or rounds.cold == 0)
        bench.warm(rounds, progress)
    found: dict[str, dict[str, Figures]] = {}
    for subject, samples in bench.of:
        found.setdefault(subject.name, {})[subject.function] = _figures(subject, samples, rounds)
    return Run(
        datetime.now(UTC).isoformat(timespec="minutes"),
        platform.python_version(),
        _processor(),
        asdict(rounds),
        found,  # type: ignore[arg-type]  # keys of a subject are functions
    )


@dataclass(frozen=True, slots=True)
class _Bench:
    world: World
    core: int | None
    of: list[tuple[Subject, Samples]]

    def cold(self, *, counts: bool) -> None:
        for subject, samples in self.of:
            self.world.forget()
            event = self._event(subject)
            with Sandbox(subject, self.world.ports, core=self.core) as sandbox:
                first = self._invoked(sandbox, event)
                if counts:
                    samples.init.append((sandbox.init_ms, sandbox.init_cpu_ms))
                    samples.first.append(first)
                    samples.cold.append(self.world.told())

    def warm(self, rounds: Rounds, progress: Progress) -> None:
        """In one process for each subject, which all live as long as this lasts."""
        with ExitStack() as stack:
            alive = [
                (subject, samples, stack.enter_context(Sandbox(subject, self.world.ports, core=self.core)))
                for subject, samples in self.of
            ]
            for subject, samples, sandbox in alive:
                progress(f"warming up: {subject.name} {subject.function}")
                self._block(subject, sandbox, max(1, rounds.warm // BLOCKS))
                samples.repeated = self._repeated(subject, sandbox)
            for block in range(BLOCKS):
                progress(f"warm events: block {block + 1} of {BLOCKS}")
                for subject, samples, sandbox in alive:
                    before = sandbox.log_bytes()
                    taken, told = self._block(subject, sandbox, max(1, rounds.warm // BLOCKS))
                    samples.log_bytes += sandbox.log_bytes() - before
                    samples.warm += taken
                    samples.blocks.append(told)
            self.world.delay(hosts.PREVAIL, UPSTREAM_S)
            for number in range(rounds.batches + 1):
                progress(f"batches of {BATCH}: round {number} of {rounds.batches}")
                for subject, samples, sandbox in alive:
                    if subject.function == "cancel":
                        batch = self._invoked(sandbox, self._batch(subject, BATCH))
                        samples.batches += [batch] if number else []
            self.world.delay(hosts.PREVAIL, 0)
            for _, samples, sandbox in alive:
                samples.memory_mb = sandbox.most_memory_mb()

    def _block(self, subject: Subject, sandbox: Sandbox, size: int) -> tuple[list[Invoked], Told]:
        prepared = [self._event(subject) for _ in range(size)]
        self.world.forget()
        taken = [self._invoked(sandbox, event) for event in prepared]
        return taken, self.world.told()

    def _repeated(self, subject: Subject, sandbox: Sandbox) -> int:
        event = self._event(subject)
        self.world.forget()
        for _ in range(REPEATS):
            self._invoked(sandbox, event)
        told = self.world.told()
        return told.calls.get("prevail:PATCH" if subject.function == "cancel" else "sqs:SendMessage", 0)

    def _event(self, subject: Subject) -> events.Event:
        return events.webhook() if subject.function == "receive" else self._batch(subject, 1)

    def _batch(self, subject: Subject, size: int) -> events.Event:
        batch = events.batch(size)
        if subject.keeps_a_ledger:
            for call in batch.accepts:
                self.world.lay(hosts.LEDGER, call)
        return batch.event

    def _invoked(self, sandbox: Sandbox, event: events.Event) -> Invoked:
        """Raises Broken where the function did not do its work: a quick failure is no good figure."""
        invoked = sandbox.invoke(event)
        if invoked.answer.get("statusCode", 202) != 202 or invoked.answer.get("batchItemFailures"):  # noqa: PLR2004
            raise Broken(f"answered {invoked.answer}\n{sandbox.log()[-3000:]}")
        return invoked


def _figures(subject: Subject, samples: Samples, rounds: Rounds) -> Figures:
    times = sorted(one.ms for one in samples.warm)
    events_of_block = max(1, rounds.warm // BLOCKS)
    return Figures(
        init_ms=_median(ms for ms, _ in samples.init),
        init_cpu_ms=_median(cpu for _, cpu in samples.init),
        first_ms=_median(one.ms for one in samples.first),
        first_cpu_ms=_median(one.cpu_ms for one in samples.first),
        cold_ms=_median(ms + one.ms for (ms, _), one in zip(samples.init, samples.first, strict=True)),
        cold_cpu_ms=_median(
            cpu + one.cpu_ms for (_, cpu), one in zip(samples.init, samples.first, strict=True)
        ),
        warm_p50_ms=_median(times),
        warm_p99_ms=round(times[min(len(times) - 1, int(len(times) * 0.99))], 2),
        warm_cpu_ms=_median(one.cpu_ms for one in samples.warm),
        batch_ms=_median(one.ms for one in samples.batches) if samples.batches else None,
        batch_cpu_ms=_median(one.cpu_ms for one in samples.batches) if samples.batches else None,
        memory_mb=round(samples.memory_mb, 1),
        layer_mb=round(subject.layer / 1024**2, 2),
        calls=_calls(samples.blocks, events_of_block),
        cold_calls=_calls(samples.cold, 1),
        cold_connections=statistics.fmean(sum(told.connections.values()) for told in samples.cold),
        warm_connections=_each(samples.blocks, events_of_block, lambda told: sum(told.connections.values())),
        write_units=_each(samples.blocks, events_of_block, lambda told: told.unit("write")),
        index_units=_each(samples.blocks, events_of_block, lambda told: told.unit("index")),
        read_units=_each(samples.blocks, events_of_block, lambda told: told.unit("read")),
        log_bytes=round(samples.log_bytes / len(samples.warm)),
        repeated=samples.repeated,
    )


def _median(values: "Iterator[float] | Sequence[float]") -> float:
    return round(statistics.median(values), 2)


def _each(blocks: list[Told], events_of_block: int, counted: Callable[[Told], float]) -> float:
    return round(sum(map(counted, blocks)) / len(blocks) / events_of_block, 3)


def _calls(blocks: list[Told], events_of_block: int) -> dict[str, float]:
    operations = sorted({operation for told in blocks for operation in told.calls})

    def of(operation: str) -> float:
        return _each(blocks, events_of_block, lambda told: told.calls.get(operation, 0))

    return {operation: of(operation) for operation in operations}


@contextmanager
def _alone_on_one_core() -> Iterator[int | None]:
    """The core that sandboxes keep to while all else here keeps to the others; None where there is only one."""
    if not hasattr(os, "sched_setaffinity") or len(mine := os.sched_getaffinity(0)) == 1:
        yield None
        return
    core = min(mine)
    os.sched_setaffinity(0, mine - {core})
    try:
        yield core
    finally:
        os.sched_setaffinity(0, mine)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, {platform.machine()}"
