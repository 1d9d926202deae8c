"""How a delivery proves where it comes from: three families of schemes, one verdict.

    signed   a MAC or a signature over what a template says, in headers (Standard Webhooks and most vendors)
    bearer   a JSON Web Token
    shared   a secret that travels with the delivery (API keys, basic authentication)

A scheme is data and knows no secret. `keys_of` makes a stored secret usable or says what is wrong with it; `verify`
returns, or raises SignatureRefused whatever the cause.
"""

from typing import Protocol

from cancellations.domain import Delivery, Json
from cancellations.values import dataclass


@dataclass(frozen=True, slots=True)
class Verified:
    """`matched`: the place, in the list of keys, of the one that fits. `claims`: those of a token."""

    matched: int
    claims: Json = None


class Scheme[Key](Protocol):
    """One row of how senders prove themselves."""

    def keys_of(self, stored: str) -> tuple[Key, ...]:
        """A stored secret, or a set of keys, as this scheme uses it.

        Raises ValueError with a reason that does not contain the secret.
        """

    def verify(self, delivery: Delivery, keys: tuple[Key, ...], now: float) -> Verified:
        """Raises SignatureRefused, and Malformed for what is authentic but could be read in two ways.

        All keys are tried, always, so that the time it takes does not tell which one fits.
        """
