"""How long verification takes for a body of 256 KiB, by preset: `python -m bench.verification`.

Measured through the use case, as the door calls it: keys from a ring that costs nothing, verdict, claims.
"""

import argparse
import time
from collections.abc import Callable

from bench.deliveries import NOW, Ring, Subject, public_keys, subject
from cancellations.errors import SecretFault
from cancellations.source.presets import PRESETS
from cancellations.verify import Verify

KIB = 1024
WARM_UP = 50


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.verification", description=__doc__)
    parser.add_argument("--samples", type=int, default=2_000)
    parser.add_argument("--kib", type=int, default=256)
    parser.add_argument(
        "--cpu", action="store_true", help="time on the processor, where others work on it too"
    )
    arguments = parser.parse_args()
    body = b'{"id":"evt_1","text":"%s"}' % (b"x" * arguments.kib * KIB)
    body = body[: arguments.kib * KIB - 2] + b'"}'
    clock = time.thread_time_ns if arguments.cpu else time.perf_counter_ns
    kind = "on the processor" if arguments.cpu else "by the clock"
    print(f"{arguments.kib} KiB, {arguments.samples:,} samples each, microseconds {kind}\n")
    print(f"{'':<24}{'median':>10}{'p99':>10}{'max':>10}")
    for name, one in ({preset: subject(preset) for preset in PRESETS} | public_keys()).items():
        taken = sorted(_samples(one, body, arguments.samples, clock))
        p99 = taken[int(len(taken) * 0.99)]
        print(f"{name:<24}{taken[len(taken) // 2] / 1e3:>10,.0f}{p99 / 1e3:>10,.0f}{taken[-1] / 1e3:>10,.0f}")


def _samples(one: Subject, body: bytes, count: int, clock: Callable[[], int]) -> list[int]:
    """Nanoseconds."""
    ring = Ring(one.stored, SecretFault("none", "is nobody's"))
    verify, delivery = Verify(ring, ring, one.stored), one.sign(body, NOW)
    taken = []
    for _ in range(WARM_UP + count):
        began = clock()
        verify(one.source, delivery, NOW)
        taken.append(clock() - began)
    return taken[WARM_UP:]


if __name__ == "__main__":
    main()
