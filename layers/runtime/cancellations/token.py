"""The token that Prevail asks for: a JWT signed with the organization's API key.

Documented: claims `exp` and `slug`, sent as a bearer token. Assumed: HS256, which the key and the vendor's own
example imply. The algorithm is a constant here and never configuration.
"""

import jwt

ALGORITHM = "HS256"
LIFETIME_S = 120
"""Long enough for a slow call and clocks that differ by a minute, well under the 300 s that we allow at most."""


def sign(api_key: str, slug: str, now: float) -> str:
    """A fresh token. Signed right before each call and never used for a second one."""
    return jwt.encode({"exp": int(now) + LIFETIME_S, "slug": slug}, api_key, algorithm=ALGORITHM)
