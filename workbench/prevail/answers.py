"""From a reply to the bytes of its answer: what status, and what of the body, the switches leave."""

from prevail.assumed import ANSWERS, CANCELED
from prevail.outgoing import Outgoing, html_answer, json_answer, titled
from prevail.reply import Reply
from prevail.retry_after import retry_after
from prevail.switches import Switches

_FIRST_REFUSAL = 400


def answer_to(reply: Reply, switches: Switches) -> Outgoing:
    row = ANSWERS[reply.name]
    status = switches.statuses[reply.name]
    body = reply.body if row.body is None else row.body
    if not row.refuses:
        return json_answer(status, body)
    if status < _FIRST_REFUSAL:
        # A second cancel that is answered as if it were the first.
        return json_answer(status, CANCELED)
    if switches.error_body == "html":
        return html_answer(status, titled(status))
    return Outgoing(status) if switches.error_body == "nothing" else json_answer(status, body)


def limited(wait: float, switches: Switches, now: float) -> Outgoing:
    return answer_to(Reply("rate_limited"), switches).with_headers(
        *retry_after(switches.rate_limit_retry_after, wait, now)
    )
