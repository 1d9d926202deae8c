"""Signing secrets in the forms in which senders issue them, made up here."""

import base64
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from cancellations.adapters.secrets import is_placeholder
from cancellations.configuration import Source
from cancellations.source.proof import Proof, Secret
from cancellations.source.verification.bearer import Bearer
from cancellations.source.verification.keys import KeyForm
from cancellations.source.verification.shared import Shared

type Writing = Literal["hex", "base64", "base64url", "uuid"]
type Randomness = Callable[[int], bytes]

_WRITTEN: Mapping[Writing, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "base64": lambda raw: base64.b64encode(raw).decode(),
    "base64url": lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="),
    "uuid": lambda raw: str(uuid.UUID(bytes=raw, version=4)),
}


@dataclass(frozen=True, slots=True)
class Form:
    """How a secret is written: so many random bytes, behind a prefix."""

    writing: Writing
    size: int
    prefix: str = ""

    def made_up(self, randomness: Randomness = secrets.token_bytes) -> str:
        """One that no check of ours takes for a placeholder."""
        while is_placeholder(value := self.prefix + _WRITTEN[self.writing](randomness(self.size))):
            pass
        return value


ISSUED: Mapping[str, Form] = {
    "standard-webhooks": Form("base64", 32, "whsec_"),
    "svix": Form("base64", 24, "whsec_"),
    "stripe": Form("base64url", 24, "whsec_"),
    "slack": Form("hex", 16),
    "shopify": Form("hex", 16, "shpss_"),
    "hubspot": Form("uuid", 16),
    "zendesk": Form("base64", 32),
    "square": Form("base64url", 16),
    "basic": Form("base64url", 24, "firm:"),
}
"""By preset, as docs/sources.md says; whoever lets you choose gets CHOSEN."""

CHOSEN = Form("hex", 32)

CALLBACK_FORM = ISSUED["standard-webhooks"]
"""Of what we sign with, where a source is called back."""

_FREE: Mapping[KeyForm, Form] = {
    "text": CHOSEN,
    "hex": CHOSEN,
    "base64": Form("base64", 32),
    "standard": Form("base64", 32, "whsec_"),
}
"""For `hmac`, by how its table says that the secret holds the key."""


def form_of(source: Source) -> Form | None:
    """None where there is no secret: events on the bus, and senders whose public keys are known."""
    match source.proof:
        case Proof(scheme, Secret()):
            if source.verify in ISSUED or isinstance(scheme, Bearer | Shared):
                return ISSUED.get(source.verify, CHOSEN)
            return _FREE[scheme.key]
    return None
