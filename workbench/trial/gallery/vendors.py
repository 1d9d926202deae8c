"""Webhooks of senders that sign the body. Shapes are the vendors', values our own; docs/sources.md has the recipes."""

from trial.gallery.sample import Draft, Fresh, Sample, in_form, in_json

DEALS = {"90210001": "session-of-hubspot", "90210002": "session-of-hubspot-2"}


def webhook(fresh: Fresh) -> Draft:
    data = {
        "remote_session_id": fresh.session,
        "cancel_without_email": fresh.without_email,
        "reason": "The case settled.",
    }
    body = {"type": "deposition.canceled", "timestamp": fresh.iso, "data": data}
    return in_json(body, message_id=f"msg_{fresh.mark}")


def svix(fresh: Fresh) -> Draft:
    body = {"type": "deposition.canceled", "data": {"remote_session_id": fresh.session}}
    headers = {"user-agent": "Svix-Webhooks/1.90"}
    return in_json(body, headers, message_id=f"msg_{fresh.hex('message', 24)}")


def stripe(fresh: Fresh) -> Draft:
    subscription = {
        "id": f"sub_{fresh.hex('subscription')}",
        "object": "subscription",
        "status": "canceled",
        "metadata": {"remote_session_id": fresh.session},
    }
    body = {
        "id": f"evt_{fresh.hex('event', 24)}",
        "object": "event",
        "created": fresh.at,
        "type": "customer.subscription.deleted",
        "livemode": True,
        "pending_webhooks": 1,
        "data": {"object": subscription},
    }
    return in_json(body, media_type="application/json; charset=utf-8")


def github(fresh: Fresh) -> Draft:
    issue = {
        "id": fresh.number("issue", 10),
        "number": 27,
        "title": fresh.session,
        "state": "open",
        "updated_at": fresh.iso,
        "labels": [{"id": 6182, "name": "canceled"}],
    }
    body = {
        "action": "labeled",
        "issue": issue,
        "label": {"id": 6182, "name": "canceled"},
        "repository": {"id": 318, "full_name": "example-firm/docket"},
        "sender": {"login": "docket-clerk", "id": 41},
    }
    return in_json(body, {"x-github-event": "issues", "x-github-delivery": fresh.uuid("delivery")})


def slack(fresh: Fresh) -> Draft:
    return in_form(
        {
            "team_id": "T0EXAMPLE",
            "channel_id": "C0123456789",
            "channel_name": "calendar",
            "user_id": "U0CLERK01",
            "command": "/cancel-deposition",
            "text": fresh.session,
            "trigger_id": f"{fresh.number('a', 12)}.{fresh.number('b', 10)}.{fresh.hex('trigger', 32)}",
        }
    )


def shopify(fresh: Fresh) -> Draft:
    body = {
        "id": fresh.number("order", 13),
        "name": "#1042",
        "cancelled_at": fresh.iso,
        "cancel_reason": "customer",
        "note_attributes": [{"name": "remote_session_id", "value": fresh.session}],
    }
    headers = {
        "x-shopify-topic": "orders/cancelled",
        "x-shopify-shop-domain": "example-firm.myshopify.com",
        "x-shopify-webhook-id": fresh.uuid("webhook"),
        "x-shopify-event-id": fresh.uuid("event"),
    }
    return in_json(body, headers)


def hubspot(fresh: Fresh) -> Draft:
    def changed(deal: str) -> dict[str, object]:
        return {
            "eventId": fresh.number(f"event {deal}", 10),
            "subscriptionId": 3190442,
            "portalId": 4471,
            "appId": 88213,
            "occurredAt": fresh.milliseconds - 1200,
            "subscriptionType": "deal.propertyChange",
            "attemptNumber": 0,
            "objectId": int(deal),
            "changeSource": "CRM_UI",
            "propertyName": "deposition_status",
            "propertyValue": "canceled",
        }

    return in_json([changed(deal) for deal in DEALS])


def zendesk(fresh: Fresh) -> Draft:
    body = {
        "event_id": f"{fresh.number('ticket', 6)}-{fresh.iso}",
        "canceled": True,
        "remote_session_id": fresh.session,
        "reason": "The deposition of Friday is off",
    }
    headers = {
        "x-zendesk-account-id": "7120043",
        "x-zendesk-webhook-id": "01KAEXAMPLEWEBHOOK",
        "x-zendesk-webhook-invocation-id": fresh.hex("invocation", 26).upper(),
    }
    return in_json(body, headers)


def square(fresh: Fresh) -> Draft:
    booking = {
        "id": fresh.hex("booking", 14),
        "version": 3,
        "status": "CANCELLED_BY_SELLER",
        "seller_note": fresh.session,
        "customer_note": "",
        "start_at": fresh.later(days=4),
        "location_id": "LEXAMPLEROOM1",
    }
    body = {
        "merchant_id": "MEXAMPLEFIRM",
        "type": "booking.updated",
        "event_id": fresh.uuid("event"),
        "created_at": fresh.iso,
        "data": {"type": "booking", "id": f"{booking['id']}:3", "object": {"booking": booking}},
    }
    return in_json(body)


SAMPLES = (
    Sample(
        "webhook",
        "a CRM that signs by Standard Webhooks",
        webhook,
        sent_by="example-crm",
        quiet=True,
        mark="31415926",
        session="session-of-tuesday",
    ),
    Sample("svix", "a product that sends through Svix", svix),
    Sample("stripe", "a subscription that ends", stripe),
    Sample("github", "an issue that gets the label `canceled`", github),
    Sample("slack", "a slash command", slack),
    Sample("shopify", "an order that is canceled", shopify),
    Sample("hubspot", "two deals whose property changes", hubspot, ("canceled",) * 2, listed=DEALS),
    Sample("zendesk", "a trigger with JSON of one's own", zendesk),
    Sample("square", "a booking that the seller cancels", square),
)
