"""The use case behind `POST /v1/requests`: a caller that IAM knows asks for a cancellation in our own words.

    {"organization": "example-legal", "remote_session_id": "session-of-tuesday",
     "cancel_without_email": true, "reason": "The case settled.", "starts_at": "2026-11-24T15:00:00Z"}

The first two must be there. The header Idempotency-Key tells one ask from the next.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import replace

from cancellations.admission import Admission, Conflicted, Received
from cancellations.domain import OWN_CALLERS, Delivery, Json, Organization, Request
from cancellations.errors import Malformed, TooLarge
from cancellations.source import bodies, values
from cancellations.values import dataclass

MAX_BODY_BYTES = 16 * 1024
KEY_HEADER = "idempotency-key"

FIELDS = ("organization", "remote_session_id", "cancel_without_email", "reason", "starts_at")
NAMED_AT_MOST = 5
"""Of fields that are not known: more would be the sender's text, not our answer."""

_KEY = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ask:
    organizations: Mapping[str, Organization]
    admission: Admission

    def __call__(self, delivery: Delivery, caller: str, now: float) -> Received | Conflicted:
        """caller: the ARN that IAM knows them by. Raises Refusal (they must change it) or Unavailable."""
        if len(delivery.body) > MAX_BODY_BYTES:
            raise TooLarge(f"the body is over {MAX_BODY_BYTES} bytes")
        key = _key(delivery)
        asked = _fields(bodies.read("json", delivery))
        notes: list[str] = []
        request = Request(
            organization=self._organization(asked.get("organization")),
            source=OWN_CALLERS,
            event_id=key,
            remote_session_id=values.session_id(asked.get("remote_session_id")),
            cancel_without_email=values.flag(asked.get("cancel_without_email")),
            accepted_at=now,
            reason=values.described("reason", lambda: values.words(asked.get("reason")), notes),
            requested_by=values.words(caller),
            starts_at=values.described("starts_at", lambda: values.moment(asked.get("starts_at")), notes),
        )
        request = replace(request, notes=tuple(notes))
        return self.admission(request, now)

    def _organization(self, named: Json) -> str:
        if not isinstance(named, str):
            raise Malformed("organization is missing or is not a string")
        if named not in self.organizations:
            raise Malformed("organization is not one that is configured")
        return named


def _key(delivery: Delivery) -> str:
    key = delivery.headers.get(KEY_HEADER)
    if not key:
        raise Malformed("the header Idempotency-Key is missing: name each ask, and a repeated one the same")
    if not _KEY.fullmatch(key):
        raise Malformed("the header Idempotency-Key is not 1 to 255 printable ASCII characters")
    return key


def _fields(body: Json) -> dict[str, Json]:
    if not isinstance(body, dict):
        raise Malformed("the body is not a JSON object")
    if unknown := [name for name in body if name not in FIELDS]:
        named = "; ".join(map(_not_known, unknown[:NAMED_AT_MOST]))
        raise Malformed("the body has a field that is none of a request's", detail=named)
    return body


def _not_known(name: str) -> str:
    near = difflib.get_close_matches(name[:64], FIELDS, n=1)
    return f"{name[:64]!a} is no field of a request" + (f" (did you mean {near[0]!r}?)" if near else "")
