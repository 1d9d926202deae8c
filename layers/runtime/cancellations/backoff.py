"""How long to wait before an attempt is repeated. Whole seconds, as the queue counts them."""

import math

BASE_S = 2.0
CAP_S = 900
"""The longest wait that is ours; Prevail may ask for a longer one."""

SETTLING_S = 60.0
"""How long a call whose answer never came may still be on its way."""

SKEW_S = 30.0
"""By how much the clocks of two workers may differ."""

LOOK_AFTER_S = SETTLING_S + SKEW_S
"""When the state may be read after such a call, by any worker's clock: no sooner, or the two cross."""


REVIEW_AFTER_S = 3600
"""How long a doubt is looked into before a person is asked, where Prevail answers and the list cannot be read."""


def delay(attempts: int, random: float, at_least: float = 0.0) -> int:
    """Full jitter: a random part of a wait that doubles with every attempt, never under `at_least`.

    attempts: how many have been made; random: from 0 to 1.
    """
    most = min(float(CAP_S), BASE_S * 2.0 ** min(attempts, 16))
    return max(1, math.ceil(max(random * most, at_least)))


def delay_by_age(age_s: float, random: float, at_least: float) -> int:
    """For what is asked again and again: the longer it has lasted, the less often: a quarter to a half of that."""
    return math.ceil(min(max(age_s * (0.25 + random / 4.0), at_least), float(CAP_S)))


IN_VAIN_S = 2.0
MAX_IN_VAIN_S = 15.0


def in_vain(times: int, random: float, most: float = MAX_IN_VAIN_S) -> int:
    """When to come back where nothing could be begun: soon at first, since most attempts take less than a second.

    times: how often in a row that was so before; random: from 0 to 1.
    """
    longest = min(most, IN_VAIN_S * 1.5 ** min(times, 16))
    return max(1, math.floor(longest * (0.5 + random / 2.0)))
