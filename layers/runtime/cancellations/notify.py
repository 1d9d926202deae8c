"""The use case behind the queue of outcomes: a source that wants to be called back hears by a signed POST.

The message is an event as `announce` put it on the bus. What is posted is signed as Standard Webhooks say; `webhook-id`
is the event's own id, so that whoever receives it twice can tell.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Literal

from cancellations.configuration import Callback
from cancellations.domain import OUTCOMES, Json
from cancellations.errors import Malformed, NotOurs, SecretFault, Unavailable
from cancellations.ports import Clock, Keyring, Receivers, Reply
from cancellations.source import strict_json, values
from cancellations.source.presets import STANDARD_WEBHOOKS
from cancellations.source.verification.keys import HmacKey
from cancellations.values import dataclass

WAITS_S = (5.0, 60.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 36_000.0)
"""How long to wait after the first failure, after the second, and so on: 30 hours in all, then it is set aside."""

LONGEST_WAIT_S = 36_000.0
"""A receiver that says how long (Retry-After) is not believed beyond that; SQS hides a message for 12 hours at most."""

TRIES = len(WAITS_S) + 1
GONE = 410

_KIND = re.compile(r"[A-Z][A-Za-z ]{0,63}", re.ASCII)
"""Any words, not only those of `news`: a newer version may announce more."""
_ID = re.compile(r"[A-Za-z0-9-]{1,128}", re.ASCII)
"""What a header can carry; and no dot, which is what separates it from its neighbors where it is signed."""
_TIME = re.compile(r"[0-9T:.Z+-]{1,40}", re.ASCII)

type Decision = Literal["told", "gone", "put off", "nobody to tell"]


@dataclass(frozen=True, slots=True)
class Notified:
    """What became of one message. `wait`: in how many seconds it comes again, where it does."""

    decision: Decision
    event_id: str
    source: str
    seen: str = ""
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What of an event matters here. `body` is what is posted."""

    id: str
    source: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Notify:
    callbacks: Mapping[str, Callback]
    account: str
    """The AWS account we run in: events of another are not ours, whatever they say."""
    secrets: Keyring
    receivers: Receivers
    clock: Clock
    jitter: Callable[[], float]

    def __call__(self, message: str, received: int) -> Notified:
        """received: how often the message has come. Raises Malformed or NotOurs: it can never be told."""
        outcome = outcome_in(message, self.account)
        callback = self.callbacks.get(outcome.source)
        if callback is None:
            return Notified("nobody to tell", outcome.id, outcome.source)
        try:
            headers = self._headers(callback, outcome)
        except (SecretFault, Unavailable) as fault:  # somebody can store it, and a store comes back
            return self._again(outcome, Reply(str(fault)), received)
        heard = self.receivers.post(callback.url, headers, outcome.body)
        if heard.status is not None and heard.status // 100 == 2:  # noqa: PLR2004 - the class of success
            return Notified("told", outcome.id, outcome.source, heard.seen)
        if heard.status == GONE:  # Standard Webhooks: whoever says so wants to hear no more of it
            return Notified("gone", outcome.id, outcome.source, heard.seen)
        return self._again(outcome, heard, received)

    def _again(self, outcome: Outcome, heard: Reply, received: int) -> Notified:
        ours = WAITS_S[min(max(received, 1), len(WAITS_S)) - 1]
        wait = max(ours, min(heard.wait or 0.0, LONGEST_WAIT_S)) * (1 + self.jitter() / 10)
        return Notified("put off", outcome.id, outcome.source, heard.seen, wait)

    def _headers(self, callback: Callback, outcome: Outcome) -> dict[str, str]:
        """Signed with every secret there is: whoever receives it can change over from one to the other."""
        now = self.clock()
        signatures = [
            STANDARD_WEBHOOKS.sign(key, outcome.body, now, outcome.id) for key in self._keys(callback.secret)
        ]
        return {
            "webhook-id": outcome.id,
            "webhook-timestamp": str(int(now)),
            "webhook-signature": " ".join(signatures),
        }

    def _keys(self, name: str) -> list[HmacKey]:
        keys: list[HmacKey] = []
        for stored in self.secrets.of(name):
            try:
                made = STANDARD_WEBHOOKS.keys_of(stored.value)
            except ValueError as fault:
                raise SecretFault(name, str(fault)) from None
            keys += [key for key in made if isinstance(key, HmacKey)]
        if not keys:
            raise SecretFault(
                name, "holds a public key; outcomes are signed with a secret that both sides share"
            )
        return keys


def outcome_in(message: str, account: str) -> Outcome:
    """Raises Malformed or NotOurs."""
    match strict_json.loads(message.encode("utf-8", "surrogatepass")):
        case {
            "source": source,
            "account": sender,
            "detail-type": str(detail_type),
            "detail": {"id": str(event_id), "source": asked_by, "occurred_at": str(at)} as detail,
        } if _KIND.fullmatch(detail_type) and _ID.fullmatch(event_id) and _TIME.fullmatch(at):
            if (source, sender) != (OUTCOMES, account):
                raise NotOurs("the event is none that this account has announced")
            posted: dict[str, Json] = {"type": type_of(detail_type), "timestamp": at, "data": detail}
            return Outcome(
                event_id, values.source(asked_by), json.dumps(posted, separators=(",", ":")).encode()
            )
    raise Malformed("the message is no outcome")


def type_of(detail_type: str) -> str:
    """`Session Already Canceled` is `session.already_canceled`, in the manner of webhooks."""
    what, _, happened = detail_type.lower().partition(" ")
    return f"{what}.{happened.replace(' ', '_')}"
