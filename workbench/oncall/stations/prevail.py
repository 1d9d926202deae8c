"""Is Prevail there, is its clock ours, and does it give its list for the key of each organization?"""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from cancellations.answers import LIST_CHANGED, TOO_MANY_PAGES, Unread, answer_for
from cancellations.backoff import SKEW_S
from cancellations.calls import MAX_SKEW_S
from cancellations.domain import Organization
from oncall.finding import Finding, failed, ok, skipped, warning
from oncall.moments import length
from oncall.prevail import Closed, Knock, explained, knock, read_state
from oncall.visit import Visit

NOBODY = "cancelctl-doctor"
"""A session that no list has: the search for it reads the list to its end."""

AT_THE_DOOR = frozenset(("canceled", "our_key"))
"""What is fit for a question without a token: to be turned away, or answered all the same."""

REFUSALS = frozenset(("not_permitted", "bad_request", "unprocessable", "too_many_requests"))


def look(visit: Visit) -> Iterator[Finding]:
    if visit.configuration is None:
        yield skipped("Prevail", "nobody can tell where: the configuration does not load")
        return
    organizations = visit.configuration.organizations.values()
    for origin in dict.fromkeys(organization.base_url for organization in organizations):
        there = knock(origin)
        if isinstance(there, Closed):
            yield failed(origin, there.said, there.fix)
            continue
        yield _answers(origin, there)
        yield _clock(origin, there, visit.clock())
        for organization in organizations:
            if organization.base_url == origin:
                yield _list(visit, organization)
                yield _look_first(organization)


def _answers(origin: str, there: Knock) -> Finding:
    answer = answer_for(there.status)
    if answer.meaning in AT_THE_DOOR or answer.reason in REFUSALS:
        return ok(origin, f"is reached, and answers HTTP {there.status} to who has no token")
    said, fix = explained(answer)
    return failed(origin, said, fix)


def _clock(origin: str, there: Knock, now: float) -> Finding:
    name = f"clock of {origin}"
    try:
        ahead = parsedate_to_datetime(there.date or "").timestamp() - now
    except (ValueError, OverflowError):
        return skipped(name, "no Date that can be read came with the answer")
    if abs(ahead) <= SKEW_S:
        return ok(name, f"is within {SKEW_S:.0f} s of this machine's")
    where = "ahead of" if ahead > 0 else "behind"
    believed = "" if abs(ahead) < MAX_SKEW_S else ", which no call believes"
    return warning(
        name,
        f"is {length(abs(ahead))} {where} this machine's{believed}",
        "set this machine's clock; if it is right, tell Prevail: tokens live for two minutes",
    )


def _list(visit: Visit, organization: Organization) -> Finding:
    name = f"list of {organization.slug}"
    api_key = visit.api_keys.get(organization.slug)
    if api_key is None:
        return skipped(name, "cannot be asked for without its API key")
    found = read_state(organization, api_key, NOBODY, None, visit.clock)
    if isinstance(found, Unread):
        said, fix = explained(found.answer)
        # A list that is long or busy is no fault; one whose pages cannot be requested is.
        report = warning if found.answer in (TOO_MANY_PAGES, LIST_CHANGED) else failed
        return report(name, said, fix)
    return ok(name, "can be read to its end")


def _look_first(organization: Organization) -> Finding:
    """Neither choice is a fault; whoever is on call should know which one was made."""
    name = f"look_first of {organization.slug}"
    if organization.look_first:
        return ok(
            name, "is on: the list is read before each cancellation, and each waits if it cannot be read"
        )
    return ok(
        name,
        "is off: a session that somebody canceled at Prevail is canceled once more. docs/operations.md says how to "
        "find out whether that sends e-mail",
    )
