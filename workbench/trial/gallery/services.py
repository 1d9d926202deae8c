"""Webhooks of one's own services and tools: the frames `hmac`, `jwt`, `api-key` and `basic`, and what they carry."""

from xml.sax.saxutils import escape

from trial.gallery.sample import Draft, Fresh, Sample, ignored_by, in_json


def hmac(fresh: Fresh) -> Draft:
    hearing = {"session": fresh.session, "starts_at": fresh.later(days=4)}
    return in_json(
        {"id": fresh.uuid("event"), "event": "hearing.cancelled", "office": "east", "hearing": hearing}
    )


def jwt(fresh: Fresh) -> Draft:
    """The token says who sends; what is asked stands in the body."""
    body = {"remote_session_id": fresh.session, "silent": fresh.without_email}
    return in_json(body, claims={"jti": fresh.uuid("token"), "sub": "docket-worker"})


def jwt_public(fresh: Fresh) -> Draft:
    """The token says what is asked, so that its signature protects that too."""
    claims = {"jti": fresh.uuid("token"), "sub": "docket-worker", "remote_session_id": fresh.session}
    return in_json({}, claims=claims)


def postback(fresh: Fresh) -> Draft:
    """The body is the token. Prevail documents that it comes, not what it says: the claims are assumed."""
    claims = {
        "slug": "example-legal",
        "remote_session_id": fresh.session,
        "state": "scheduled",
    }
    return Draft(b"", {"content-type": "application/jwt"}, claims=claims)


def api_key(fresh: Fresh) -> Draft:
    """Tools send every value as text."""
    body = {
        "remote_session_id": fresh.session,
        "reason": "settled",
        "silent": str(fresh.without_email).lower(),
    }
    return in_json(body, {"idempotency-key": f"row-{fresh.hex('row', 12)}"})


def basic(fresh: Fresh) -> Draft:
    body = {
        "id": fresh.number("record", 7),
        "changed_at": fresh.iso,
        "status": "canceled",
        "session": fresh.session,
    }
    return in_json(body)


def dataverse(fresh: Fresh) -> Draft:
    row = fresh.uuid("row")
    target = {
        "__type": "Entity:http://schemas.microsoft.com/xrm/2011/Contracts",
        "LogicalName": "new_deposition",
        "Id": row,
        "Attributes": [
            {"key": "new_depositionid", "value": row},
            {"key": "new_status", "value": {"Value": 100000003}},
        ],
    }
    image = {
        "LogicalName": "new_deposition",
        "Id": row,
        "Attributes": [{"key": "new_remotesessionid", "value": fresh.session}],
    }
    body = {
        "MessageName": "Update",
        "OperationId": fresh.uuid("operation"),
        "OperationCreatedOn": f"/Date({fresh.milliseconds}+0000)/",
        "PrimaryEntityName": "new_deposition",
        "PrimaryEntityId": row,
        "InputParameters": [{"key": "Target", "value": target}],
        "PostEntityImages": [{"key": "after", "value": image}],
        "PreEntityImages": [],
        "Depth": 1,
        "Stage": 40,
        "Mode": 1,
    }
    return in_json(body, {"x-ms-dynamics-request-name": "Update"})


def event(fresh: Fresh, session: str, number: int = 1) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "type": "com.example.deposition.canceled",
        "source": "/docket/east",
        "id": f"{fresh.hex('event', 12)}-{number}",
        "time": fresh.iso,
        "datacontenttype": "application/json",
        "data": {"remote_session_id": session, "reason": "settled"},
    }


def structured(fresh: Fresh) -> Draft:
    return _tokened(in_json(event(fresh, fresh.session), media_type="application/cloudevents+json"), fresh)


def binary(fresh: Fresh) -> Draft:
    attributes = event(fresh, fresh.session)
    data, media_type = attributes.pop("data"), str(attributes.pop("datacontenttype"))
    headers = {f"ce-{name}": str(value) for name, value in attributes.items()}
    return _tokened(in_json(data, headers, media_type=media_type), fresh)


def batch(fresh: Fresh) -> Draft:
    events = [event(fresh, fresh.session), event(fresh, fresh.second_session, 2)]
    return _tokened(in_json(events, media_type="application/cloudevents-batch+json"), fresh)


def _tokened(draft: Draft, fresh: Fresh) -> Draft:
    return Draft(draft.body, draft.headers, claims={"jti": fresh.uuid("token")})


def outbound(fresh: Fresh) -> Draft:
    """Salesforce asks for no session id of its own here: that would be a live credential."""
    parts = "".join(_notification(fresh, session) for session in (fresh.session, fresh.second_session))
    return Draft(_ENVELOPE.format(parts).encode(), {"content-type": "text/xml; charset=utf-8"})


def _notification(fresh: Fresh, session: str) -> str:
    return _NOTIFICATION.format(
        id=f"04l{fresh.hex('notification ' + session, 15)}",
        record=f"a0X{fresh.hex('record ' + session, 15)}",
        session=escape(session),
        silent=str(fresh.without_email).lower(),
    )


_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
    '<notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
    "<OrganizationId>00DEXAMPLEFIRM0AAA</OrganizationId><ActionId>04kEXAMPLEACTION0A</ActionId>"
    '<SessionId xsi:nil="true"/>'
    "<EnterpriseUrl>https://example-firm.my.salesforce.com/services/Soap/c/62.0</EnterpriseUrl>"
    "<PartnerUrl>https://example-firm.my.salesforce.com/services/Soap/u/62.0</PartnerUrl>"
    "{}</notifications></soapenv:Body></soapenv:Envelope>"
)
_NOTIFICATION = (
    "<Notification><Id>{id}</Id>"
    '<sObject xsi:type="sf:Deposition__c" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
    "<sf:Id>{record}</sf:Id><sf:Remote_Session_Id__c>{session}</sf:Remote_Session_Id__c>"
    "<sf:Silent__c>{silent}</sf:Silent__c><sf:Status__c>Canceled</sf:Status__c>"
    "</sObject></Notification>"
)

TWO = ("canceled",) * 2

SAMPLES = (
    Sample("hmac", "a service that signs in a way of its own, for one of two organizations", hmac),
    Sample("jwt", "a service with a token, HS256", jwt, quiet=True),
    Sample("jwt-es256", "a service with a token under its private key, ES256", jwt_public),
    Sample("jwt-eddsa", "the same with EdDSA", jwt_public),
    Sample(
        "prevail-postback",
        "Prevail's own postback, which says that a session is scheduled",
        postback,
        (ignored_by("canceled"),),
    ),
    Sample("api-key", "an automation tool such as Zapier", api_key, quiet=True),
    Sample("basic", "a system that knows basic authentication only", basic),
    Sample("dataverse", "a row of Dataverse that is updated", dataverse),
    Sample("cloudevents-structured", "one CloudEvent, in the body", structured, sent_by="cloudevents"),
    Sample("cloudevents-binary", "one CloudEvent, in headers", binary, sent_by="cloudevents"),
    Sample("cloudevents-batch", "two CloudEvents", batch, TWO, sent_by="cloudevents"),
    Sample("salesforce-outbound", "an outbound message with two notifications", outbound, TWO, quiet=True),
)
