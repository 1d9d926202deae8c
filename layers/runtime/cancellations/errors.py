"""Everything this package raises.

    CancellationsError
    ├── ConfigurationError     a person must mend a file or a secret; nothing is served until then
    │   └── SecretFault        a secret is missing or unusable
    ├── Refusal                a delivery is refused for good; the sender must change it
    │   ├── SignatureRefused   it could not be verified; carries no cause for the sender
    │   ├── Forbidden          its caller is not known to IAM
    │   ├── UnknownRequest     it asks after a request that nobody has made
    │   ├── Malformed          it was verified, but is not what its source announces
    │   │   └── UnknownSession its id stands in no table that would tell the session
    │   ├── TooLarge           its body is over the limit
    │   └── UnsupportedBody    its body is in a form that its source does not send
    ├── NotOurs                a bus event that no source of the configuration announces
    └── TryAgain               nothing is wrong with the delivery; the same one may succeed later
        ├── Unavailable        a part of the platform (table, queue, secrets) did not answer
        ├── OutOfTime          too little time is left to finish an attempt
        ├── LostTheSession     the fence moved on while we worked; whoever holds it now will settle
        └── NewerVersion       a newer version of ours has written it, and must go on with it

What Prevail answers is never raised: it is an `answers.Answer`.
"""

from collections.abc import Sequence


class CancellationsError(Exception):
    """The root, so that a door can tell our errors from accidents."""


class ConfigurationError(CancellationsError):
    """Faults of the configuration, one line each: file, key, what is wrong, how to mend it."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class SecretFault(ConfigurationError):
    """A secret is missing or unusable. Names the secret and never its value."""

    def __init__(self, name: str, fault: str) -> None:
        super().__init__([f"secret {name}: {fault}"])
        self.name = name


class Refusal(CancellationsError):
    """A delivery is refused for good."""


class SignatureRefused(Refusal):
    """The delivery is not known to come from its source. `cause` is for our log, never for the sender.

    stranger: no source has the name that it was sent to.
    """

    def __init__(self, cause: str, *, stranger: bool = False) -> None:
        super().__init__(cause)
        self.cause, self.stranger = cause, stranger


class Forbidden(Refusal):
    """The caller is not known to IAM, though the route is for callers who are."""


class UnknownRequest(Refusal):
    """Nobody has asked under this id."""


class Malformed(Refusal):
    """A verified delivery lacks what its source announces, or has it in another form.

    cause: for the log, so without a word of the sender's. detail: for the sender, and may repeat what it sent.
    """

    def __init__(self, cause: str, *, detail: str | None = None) -> None:
        super().__init__(cause)
        self.detail = cause if detail is None else detail


class UnknownSession(Malformed):
    """A sender's own id is in no lookup table, so nobody can tell which session is meant."""


class TooLarge(Refusal):
    """The body is over the limit."""


class UnsupportedBody(Refusal):
    """The body's media type or encoding is not one that the source sends."""


class NotOurs(CancellationsError):
    """A bus event matches no source of the configuration (account, source and detail-type)."""


class TryAgain(CancellationsError):
    """The same delivery may succeed later."""


class Unavailable(TryAgain):
    """A part of the platform did not answer. A write may or may not have taken effect."""


class OutOfTime(TryAgain):
    """Too little time is left to finish what would be begun."""


class LostTheSession(TryAgain):
    """A write found a newer fence: another worker holds the session."""


class NewerVersion(TryAgain):
    """A record or message is of a number that this version does not read; it is left as it is."""
