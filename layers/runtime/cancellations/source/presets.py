"""How well-known senders sign, where their events are named, and which of their deliveries are no cancellations.

Rows of data; docs/sources.md has a recipe for each, with what its vendor says and where.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Literal

from cancellations.source.verification.bearer import Bearer
from cancellations.source.verification.headers import Field
from cancellations.source.verification.shared import BASIC, Shared
from cancellations.source.verification.signed import Signed
from cancellations.source.verification.template import read as template
from cancellations.values import dataclass

type BodyKind = Literal["json", "form", "cloudevents", "salesforce-outbound", "claims"]
type Greeting = Literal["x-hook-secret", "challenge", "unsigned-challenge"]
"""How a sender tries an address before it uses it, by a value that it wants back: in a header, in a signed body, or in
a body that nobody has signed."""


@dataclass(frozen=True, slots=True)
class Preset:
    """One row. Expressions are what a source of this kind has unless its table says otherwise."""

    scheme: Signed | Bearer | Shared
    body: BodyKind = "json"
    event_id: str | tuple[str, ...] | None = None
    items: str | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    greeting: Greeting | None = None
    signs_url: bool = False
    repeats_days: float = 30
    """For how long the sender repeats a delivery that got no 2xx; what nobody confirms is taken to be a month."""
    filtered: bool = True
    """Whether the sender announces more than cancellations, so that a source must say which ones are meant."""

    @property
    def tokens(self) -> bool:
        """Whether its deliveries carry a token, whose claims can be read."""
        return isinstance(self.scheme, Bearer)


def _standard(prefix: str) -> Signed:
    """Standard Webhooks, v1 and v1a: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md."""
    return Signed(
        template("{id}.{timestamp}.{body}"),
        signature=Field(f"{prefix}-signature", separator=" "),
        encoding="base64",
        key="standard",
        least=24,  # the specification's minimum, and what Svix issues
        id=Field(f"{prefix}-id"),
        timestamp=Field(f"{prefix}-timestamp"),
    )


def _stamped(header: str) -> Signed:
    """`t=…,v1=…` in one header: docs.stripe.com/webhooks, developer.calendly.com (webhook signatures)."""
    return Signed(
        template("{timestamp}.{body}"),
        signature=Field(header, ("v1=",), ","),
        timestamp=Field(header, ("t=",), ","),
    )


def _body_only(header: str, prefixes: tuple[str, ...] = ("",)) -> Signed:
    return Signed(template("{body}"), Field(header, prefixes))


STANDARD_WEBHOOKS = _standard("webhook")

GITHUB = _body_only("x-hub-signature-256", ("sha256=",))
"""docs.github.com/en/webhooks: validating webhook deliveries."""

SLACK = Signed(
    template("v0:{timestamp}:{body}"),
    Field("x-slack-signature", ("v0=",)),
    timestamp=Field("x-slack-request-timestamp"),
)
"""docs.slack.dev/authentication: verifying requests from Slack."""

SHOPIFY = replace(_body_only("x-shopify-hmac-sha256"), encoding="base64")
"""shopify.dev/docs/apps/build/webhooks: verify deliveries. The header with the event's id is not signed."""

HUBSPOT = Signed(
    template("{method}{url}{body}{timestamp}"),
    Field("x-hubspot-signature-v3"),
    encoding="base64",
    timestamp=Field("x-hubspot-request-timestamp"),
    unit="ms",
)
"""developers.hubspot.com/docs: request validation, v3."""

ZENDESK = Signed(
    template("{timestamp}{body}"),
    Field("x-zendesk-webhook-signature"),
    encoding="base64",
    timestamp=Field("x-zendesk-webhook-signature-timestamp"),
    unit="iso",
)
"""developer.zendesk.com/documentation/webhooks/verifying. No delimiter: the timestamp's exact form is the border."""

CLIO = replace(_body_only("x-hook-signature"), least=24)
"""docs.developers.clio.com: webhooks of Clio Manage. It generates the secret and does not say how long it is."""

SQUARE = Signed(template("{url}{body}"), Field("x-square-hmacsha256-signature"), encoding="base64", least=22)
"""developer.squareup.com/docs/webhooks/step3validate. Square issues keys of 22 characters."""

PRESETS: Mapping[str, Preset] = {
    # Where the header with an event's id is not signed, the body's own hash names the event.
    "standard-webhooks": Preset(STANDARD_WEBHOOKS, event_id='headers."webhook-id"'),
    "svix": Preset(_standard("svix"), event_id='headers."svix-id"', repeats_days=2),
    "stripe": Preset(_stamped("stripe-signature"), event_id="body.id", repeats_days=3),
    "github": Preset(
        GITHUB, event_id="sha256", repeats_days=3
    ),  # it repeats nothing; a person may for so long
    "slack": Preset(SLACK, event_id="body.event_id", greeting="challenge", repeats_days=1),
    "shopify": Preset(SHOPIFY, event_id="sha256", repeats_days=1),
    "hubspot": Preset(
        HUBSPOT,
        # eventId alone is documented as not unique.
        event_id=("item.subscriptionId", "item.eventId", "item.occurredAt", "item.objectId"),
        items="body",
        signs_url=True,
        repeats_days=1,
    ),
    "zendesk": Preset(ZENDESK, event_id="body.id"),
    "calendly": Preset(
        _stamped("calendly-webhook-signature"),
        event_id=("body.payload.uri", "body.event"),
        filters={
            "canceled": "body.event == 'invitee.canceled'",
            "not-rescheduled": "body.payload.rescheduled == `false`",
        },
        repeats_days=1,
    ),
    "cal.com": Preset(
        _body_only("x-cal-signature-256", ("sha256=", "")),
        event_id=("body.payload.uid", "body.triggerEvent"),
        filters={
            "canceled": "body.triggerEvent == 'BOOKING_CANCELLED'",
            # A missing flag is no "false": older versions leave it out where a reschedule is asked for.
            "not-rescheduled": "body.payload.requestReschedule == `false`",
        },
    ),
    "clio": Preset(
        CLIO,
        event_id=("body.meta.webhook_id", "body.data.id", "body.data.etag", "body.meta.event"),
        filters={"deleted": "body.meta.event == 'deleted'"},
        repeats_days=1,
        greeting="x-hook-secret",
    ),
    "square": Preset(
        SQUARE,
        event_id="body.event_id",
        filters={"canceled": "starts_with(body.data.object.booking.status || '', 'CANCELLED_')"},
        signs_url=True,
        repeats_days=1,
    ),
    "hmac": Preset(_body_only("x-signature"), filtered=False, greeting="unsigned-challenge"),
    "jwt": Preset(Bearer("HS256"), event_id="claims.jti", filtered=False, greeting="unsigned-challenge"),
    "prevail-postback": Preset(Bearer("HS256", field=None), body="claims", filtered=False),
    "api-key": Preset(
        Shared(Field("x-api-key")),
        event_id='headers."idempotency-key"',
        filtered=False,
        greeting="unsigned-challenge",
    ),
    "basic": Preset(
        Shared(BASIC, basic=True),
        event_id='headers."idempotency-key"',
        filtered=False,
        greeting="unsigned-challenge",
    ),
}
"""`hmac`, `jwt`, `api-key` and `basic` are frames: a source's table fills in what is its own."""

EVENT_ID_OF_BODY: Mapping[str, str | tuple[str, ...]] = {
    "cloudevents": ("item.source", "item.id"),
    "salesforce-outbound": "item.id",
}
"""Bodies that name their events themselves, whatever carries them."""

ITEMS_OF_BODY: Mapping[str, str] = {"cloudevents": "body", "salesforce-outbound": "body.notifications"}
