"""When each delivery is due, and which come twice. All chance is the seed's."""

import math
import random
from dataclasses import dataclass

LATER_S = (0.05, 2.0)
"""How much later a copy comes that does not come at once."""

NOMINAL_RATE = 100.0
"""Of a plan that is worked through as fast as can be: how far behind its first a copy stands in the line."""


@dataclass(frozen=True, slots=True)
class Post:
    """due: seconds from the beginning. delivery: its number, from 0; `again`: the same id and bytes, once more."""

    due: float
    delivery: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """`posts` in their order. rate: deliveries a second, each at its moment; None: each when a thread is free."""

    posts: tuple[Post, ...]
    deliveries: int
    rate: float | None
    seed: int

    @property
    def copies(self) -> int:
        return len(self.posts) - self.deliveries

    @property
    def lasts_s(self) -> float | None:
        """Until the last post is due."""
        return self.posts[-1].due if self.rate and self.posts else None


def plan(count: int, *, rate: float | None = None, duplicates: float = 0.0, seed: int = 1) -> Plan:
    """`count` deliveries; this share of them twice, half of these at once and half a moment later."""
    pace = rate or NOMINAL_RATE
    chance = random.Random(seed)  # noqa: S311 - so that the same can be tried again
    copies = [
        Post(
            number / pace + (chance.uniform(*LATER_S) if chance.random() < 1 / 2 else 0.0), number, again=True
        )
        for number in chance.sample(range(count), round(count * duplicates))
    ]
    posts = [Post(number / pace, number) for number in range(count)]
    in_order = sorted([*posts, *copies], key=lambda post: (post.due, post.delivery, post.again))
    return Plan(tuple(in_order), count, rate, seed)


def deliveries_in(rate: float, duration_s: float) -> int:
    """How many are due before the time is over, the first at once: one at least."""
    return max(1, math.ceil(round(rate * duration_s, 6)))
