"""How long to wait before an attempt is repeated. Whole seconds, as the queue counts them."""

import math

BASE_S = 2.0
CAP_S = 900
"""The longest delay the queue knows; longer waits are chained."""


def delay(attempts: int, random: float, at_least: float = 0.0) -> int:
    """Full jitter: a random part of a wait that doubles with every attempt, never under `at_least`.

    attempts: how many have been made; random: from 0 to 1.
    """
    most = min(float(CAP_S), BASE_S * 2.0 ** min(attempts, 16))
    return min(CAP_S, max(1, math.ceil(max(random * most, at_least))))
