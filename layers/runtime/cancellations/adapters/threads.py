"""Things that wait for others, side by side: messages of a batch, items of a delivery."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

AT_ONCE = 10

_threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="item")


def each[T, R](function: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
    """Like `map`, at once and in order; one thing alone needs no thread."""
    listed = list(things)
    return map(function, listed) if len(listed) == 1 else _threads.map(function, listed)


def begun[R](function: Callable[[], R]) -> Future[R]:
    """On a thread of its own, as soon as one is free."""
    return _threads.submit(function)
