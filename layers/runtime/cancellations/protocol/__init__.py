"""The ledger protocol: every write that the ledger knows, its condition by name.

    request   accept ──► (postpone | sweep)* ──► settle
    session   idle ──claim──► in_flight ──record──► canceled | idle | unknown ──take_over──► in_flight ──► …

1. accept     the request is stored; nothing else may happen before.
2. claim      takes the session and marks the intent in one write, before any byte leaves for Prevail.
   take_over  the same where an earlier attempt may have taken effect: an expired lease, or `unknown`.
3. record     what came of the attempt: the session's state and the request's outcome in one write.
4. settle     the request says so too. Only then may its message go.

Nothing deletes. Nothing with an old fence lands. `canceled` is final. Times are epoch seconds.
`conditions` is the screen to read first; `sessions` is where everything is decided; `requests` projects it.
"""

from cancellations.protocol.claiming import Lease
from cancellations.protocol.conditions import request_key, session_key
from cancellations.protocol.sessions import KEPT_ATTEMPTS, Claim

__all__ = ["KEPT_ATTEMPTS", "Claim", "Lease", "request_key", "session_key"]
