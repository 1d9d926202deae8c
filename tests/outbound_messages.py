"""Salesforce's outbound messages, valid by default, and what the product reads in them."""

from cancellations.domain import Delivery, Json
from cancellations.source import bodies

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
RECORD = "<sf:Id>a05</sf:Id><sf:Remote_Session_Id__c>session-1</sf:Remote_Session_Id__c>"
IDS = "<OrganizationId>00D5</OrganizationId><ActionId>04k5</ActionId>"
CREDENTIALS = (
    "<SessionId>hushhush</SessionId>"
    "<EnterpriseUrl>https://hush.example/c</EnterpriseUrl><PartnerUrl>https://hush.example/u</PartnerUrl>"
)


def a_notification(fields: str = RECORD, *, id_: str = "04l5", attributes: str = 'xsi:type="sf:Case"') -> str:
    return f"<Notification><Id>{id_}</Id><sObject {attributes}>{fields}</sObject></Notification>"


def an_envelope(message: str | None = None, *, outbound: str = OUTBOUND, soap: str = SOAP) -> str:
    inner = IDS + CREDENTIALS + a_notification() if message is None else message
    return (
        f'<e:Envelope xmlns:e="{soap}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><e:Body>'
        f'<notifications xmlns="{outbound}">{inner}</notifications></e:Body></e:Envelope>'
    )


def read(body: str | bytes, content_type: str | None = "text/xml; charset=utf-8") -> Json:
    headers = {} if content_type is None else {"content-type": content_type}
    raw = body if isinstance(body, bytes) else body.encode()
    return bodies.read("salesforce-outbound", Delivery("acme", headers, raw))


def fields_of(fields: str) -> Json:
    document = read(an_envelope(IDS + a_notification(fields)))
    assert isinstance(document, dict)
    assert isinstance(document["notifications"], list)
    assert isinstance(document["notifications"][0], dict)
    return document["notifications"][0]["fields"]
