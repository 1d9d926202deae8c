"""A session that the ledger knows as canceled, and that somebody asks for anew: was it put back at Prevail?"""

from cancellations.answers import CANCELABLE, NOT_LISTED, Unread
from cancellations.backoff import REVIEW_AFTER_S
from cancellations.calls import Calls
from cancellations.domain import LEDGER, OWN_CALLERS, Organization, Outcome, Request
from cancellations.protocol import Claim
from cancellations.results import by_state, untried
from cancellations.settlement import Settlement


def look(
    calls: Calls, desk: Settlement, request: Request, organization: Organization, held: Claim
) -> Outcome | Unread | Claim:
    """An outcome; or a claim by which the session is to be canceled anew; or what came in place of the list, for now.

    Raises LostTheSession or Unavailable.
    """
    state = calls.state(request)
    if isinstance(state, Unread):
        return _unread(state, desk, request, organization, held)
    read, evidence = untried("state_read", state), by_state(state)
    if state in {"canceled", NOT_LISTED}:  # Prevail may list canceled sessions, or not
        return desk.still_canceled(request, held, read, evidence)
    if state not in CANCELABLE:
        return desk.refused(request, held, Outcome("refused", "wrong_state", evidence=evidence), read)
    if organization.on_restored == "review" and request.source != OWN_CALLERS:
        outcome = Outcome("needs_review", "session_restored", evidence=evidence)
        return desk.refused(request, held, outcome, read)
    return desk.ledger.record_restored(request, held)


def _unread(
    state: Unread, desk: Settlement, request: Request, organization: Organization, held: Claim
) -> Outcome | Unread:
    if state.passing:
        return state
    unread = untried("state_unread", state)
    if organization.on_unknown == "retry":
        return desk.still_canceled(request, held, unread, LEDGER)
    if desk.clock() - request.accepted_at <= REVIEW_AFTER_S:
        return state
    outcome = Outcome("needs_review", "state_unreadable", evidence=by_state(state))
    return desk.review(request, held, outcome, unread)
