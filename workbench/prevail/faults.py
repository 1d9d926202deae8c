"""What can go wrong between an answer and its asker, switched on by the admin API. Nothing does by default."""

import random
from dataclasses import dataclass, field

from starlette.requests import Request


@dataclass
class Faults:
    """`silent_after_commit`: the share of PATCHes, 0 to 1, that take effect and are never answered."""

    silent_after_commit: float = 0.0
    seed: int = 0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - a fault that can be repeated, not a secret

    async def after_commit(self, request: Request) -> None:
        """Returns at once or, where this one is to stay silent, when the asker has given up."""
        if request.method == "PATCH" and self._random.random() < self.silent_after_commit:
            while (await request.receive())["type"] != "http.disconnect":
                pass
