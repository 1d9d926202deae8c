"""Vendors' own libraries behind one face: how they sign, and what they believe. They read the real clock.

Calendly, Cal.com, Clio, GitHub and Zendesk publish none for Python; Shopify's does not verify webhooks.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import stripe
from hubspot.exceptions import InvalidSignatureTimestampError  # type: ignore[import-untyped] # has no types
from hubspot.utils.signature import Signature  # type: ignore[import-untyped] # has no types
from slack_sdk.signature import SignatureVerifier
from square.utils.webhooks_helper import verify_signature
from standardwebhooks import Webhook, WebhookVerificationError
from svix.webhooks import Webhook as SvixWebhook

from cancellations.domain import Delivery
from cancellations.errors import Malformed, SignatureRefused
from signing import SECRET, SENDERS, STANDARD_SECRET, URL

type Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Library:
    """`signs`: None where it only verifies. `believes` may also raise what its own code lets out."""

    preset: str
    believes: Callable[[str, Headers, bytes], bool]
    signs: Callable[[str, str, int, str], Headers] | None = None
    secret: str = SECRET

    def verdict(self, headers: Headers, body: bytes, secret: str | None = None) -> bool:
        """Accidents are refusals: a text that is not UTF-8, a list without commas, a number that is none."""
        try:
            return self.believes(secret or self.secret, headers, body)
        except (ValueError, TypeError, WebhookVerificationError, InvalidSignatureTimestampError):
            return False
        except stripe.SignatureVerificationError:
            return False

    def ours(self, headers: Headers, body: bytes, secret: str | None = None) -> bool:
        try:
            return bool(
                SENDERS[self.preset].judged(
                    Delivery("crm", headers, body), secret or self.secret, now=time.time()
                )
            )
        except (SignatureRefused, Malformed):
            return False


def _standard(
    prefix: str, kind: type[Webhook] | type[SvixWebhook]
) -> Callable[[str, str, int, str], Headers]:
    def signed(secret: str, message_id: str, at: int, body: str) -> Headers:
        signature = kind(secret).sign(message_id, datetime.fromtimestamp(at, UTC), body)
        return {
            f"{prefix}-id": message_id,
            f"{prefix}-timestamp": str(at),
            f"{prefix}-signature": signature,
        }

    return signed


def _standard_believes(secret: str, headers: Headers, body: bytes) -> bool:
    Webhook(secret).verify(body, headers, json_parse=False)
    return True


def _svix_believes(secret: str, headers: Headers, body: bytes) -> bool:
    SvixWebhook(secret).verify(body, headers)
    return True


def _stripe_signed(secret: str, _: str, at: int, body: str) -> Headers:
    return {"stripe-signature": stripe.WebhookSignature.generate_signature_header(body, secret, at)}


def _stripe_believes(secret: str, headers: Headers, body: bytes) -> bool:
    header = headers.get("stripe-signature")
    return bool(stripe.WebhookSignature.verify_header(body, header, secret, stripe.Webhook.DEFAULT_TOLERANCE))


def _slack_signed(secret: str, _: str, at: int, body: str) -> Headers:
    signature = SignatureVerifier(secret).generate_signature(timestamp=str(at), body=body)
    return {"x-slack-request-timestamp": str(at), "x-slack-signature": signature or ""}


def _slack_believes(secret: str, headers: Headers, body: bytes) -> bool:
    return SignatureVerifier(secret).is_valid_request(body, headers)


def hubspot_signed(secret: str, timestamp: str, body: str) -> Headers:
    signature = Signature.get_signature(secret, body, "v3", URL, "POST", timestamp)
    return {"x-hubspot-request-timestamp": timestamp, "x-hubspot-signature-v3": signature}


def _hubspot_believes(secret: str, headers: Headers, body: bytes) -> bool:
    signature, timestamp = (headers[f"x-hubspot-{name}"] for name in ("signature-v3", "request-timestamp"))
    return bool(Signature.is_valid(signature, secret, body.decode(), URL, "POST", "v3", timestamp))


def _square_believes(secret: str, headers: Headers, body: bytes) -> bool:
    return verify_signature(
        request_body=body.decode(),
        signature_header=headers["x-square-hmacsha256-signature"],
        signature_key=secret,
        notification_url=URL,
    )


LIBRARIES = {
    library.preset: library
    for library in (
        Library("standard-webhooks", _standard_believes, _standard("webhook", Webhook), STANDARD_SECRET),
        Library("svix", _svix_believes, _standard("svix", SvixWebhook), STANDARD_SECRET),
        Library("stripe", _stripe_believes, _stripe_signed),
        Library("slack", _slack_believes, _slack_signed),
        Library("hubspot", _hubspot_believes, lambda s, _, at, body: hubspot_signed(s, str(at * 1000), body)),
        Library("square", _square_believes),
    )
}
