"""Deliveries of one vendor each, with the shapes and habits that its users report."""

import json
from typing import Any

import pytest

from cases.desk import Desk, recorded, reported
from cases.tables import AS_JSON, FORM, salesforce
from stack.places import CHECKOUT
from trial.gallery.files import CONFIG

GITHUB = "https://github.com"

# ── Zendesk, GitHub, HubSpot ──────────────────────────────────────────────────────────────────────


def test_a_title_with_quotes_is_refused_with_its_place(desk: Desk) -> None:
    """A template that pastes a title into JSON: the delivery is no JSON, and the answer says where."""
    body = (
        '{"event_id":"1-2026-11-20T18:00:00Z","canceled":true,"remote_session_id":"session-of-zendesk",'
        '"reason":"Depo of "Bob" is off"}'
    )
    tried = desk.deliver("zendesk", CONFIG, body, AS_JSON)
    assert tried.refused("character")
    assert tried.answer == 400


def test_the_recipe_of_zendesk_pastes_no_title_as_it_is() -> None:
    recipes = (CHECKOUT / "docs" / "sources.md").read_text(encoding="utf-8")
    assert '"{{ticket.title}}"' not in recipes


def test_the_first_ping_of_github_is_ignored(desk: Desk) -> None:
    body = {"zen": "Keep it simple.", "hook_id": 1, "hook": {"type": "Repository", "active": True}}
    headers = {"content-type": "application/json", "x-github-event": "ping"}
    tried = desk.deliver("github", CONFIG, body, headers)
    assert tried.ignored
    assert tried.answer == 200


def test_githubs_other_content_type_is_refused_by_name(desk: Desk) -> None:
    """https://github.com/wearerequired/traduttore/issues/166: `payload=…` is a form that holds JSON."""
    tried = desk.deliver("github", CONFIG, "payload=%7B%22action%22%3A%22labeled%22%7D", FORM)
    assert tried.refused("application/json")
    assert tried.answer == 415


CHANGE: dict[str, object] = json.loads(recorded("hubspot")["body"])[0]
MERGE = {"eventId": 7, "subscriptionType": "deal.merge", "mergedObjectIds": [1, 2], "primaryObjectId": 1}
ASSOCIATION = {"eventId": 8, "subscriptionType": "contact.associationChange", "fromObjectId": 3}
COMMON = {"subscriptionId": 1, "occurredAt": 1_795_197_598_800, "objectId": 4}


def hubspot(desk: Desk, *events: dict[str, Any]) -> list[str]:
    """What became of each event."""
    tried = desk.deliver("hubspot", CONFIG, list(events), AS_JSON)
    assert tried.answer in (200, 202), tried.said
    return ["taken" if item["request"] else item["becomes"].split()[0] for item in tried.items]


def test_events_beside_a_property_change_are_ignored(desk: Desk) -> None:
    assert hubspot(desk, {**COMMON, **MERGE}, {**COMMON, **ASSOCIATION}, CHANGE) == [
        "ignored",
        "ignored",
        "taken",
    ]


def test_an_empty_list_of_events_is_no_fault(desk: Desk) -> None:
    assert hubspot(desk) == []


def test_an_unknown_deal_does_not_hold_up_a_known_one(desk: Desk) -> None:
    became = hubspot(desk, {**CHANGE, "objectId": 999, "eventId": 9}, CHANGE)
    assert became[1] == "taken"
    assert became[0] not in ("taken", "ignored")


# ── Salesforce ────────────────────────────────────────────────────────────────────────────────────

ORGANIZATION = "00D000000000001EAA"
XML = {"content-type": "text/xml; charset=UTF-8", "soapaction": '""'}


def outbound(fields: str = "") -> str:
    """An outbound message as Salesforce posts it, with these fields beside the status and the session."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{ORGANIZATION}</OrganizationId><ActionId>04k000000000001AAA</ActionId>"
        '<SessionId xsi:nil="true"/><EnterpriseUrl>https://example.my.salesforce.com/e</EnterpriseUrl>'
        "<PartnerUrl>https://example.my.salesforce.com/p</PartnerUrl>"
        "<Notification><Id>04l000000000001AAA</Id>"
        '<sObject xsi:type="sf:Deposition__c" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
        "<sf:Id>a01000000000001AAA</sf:Id><sf:Status__c>Canceled</sf:Status__c>"
        f"<sf:Remote_Session_Id__c>session-of-tuesday</sf:Remote_Session_Id__c>{fields}"
        "</sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>"
    )


def test_an_outbound_message_is_one_request_and_acknowledged(desk: Desk) -> None:
    """https://github.com/amp-labs/connectors/pull/3419: without `Ack` Salesforce repeats it for 24 hours."""
    tried = desk.deliver("sf", salesforce(ORGANIZATION), outbound(), XML)
    assert tried.request["remote_session_id"] == "session-of-tuesday"
    assert tried.answer == 200


BESIDE_IT = [
    reported(
        f"{GITHUB}/data-integrations/salesforce/pull/24",
        "<sf:Place__c><sf:city>Austin</sf:city><sf:state>TX</sf:state></sf:Place__c>",
        by="a compound field",
    ),
    reported(
        f"{GITHUB}/salto-io/salto/pull/1506",
        "<sf:Reason__c>Smith &amp; Jones &gt; settled</sf:Reason__c>",
        by="named references",
    ),
    reported(
        f"{GITHUB}/OfficeDev/ews-java-api/issues/534",
        "<sf:Reason__c>settled&#xD;\n&#xD;\nthanks</sf:Reason__c>",
        by="line ends as references",
    ),
    pytest.param('<sf:Reason__c xsi:nil="true"/>', id="a reason that is null"),
]


@pytest.mark.parametrize("fields", BESIDE_IT)
def test_a_field_beside_the_ones_that_decide_refuses_nothing(desk: Desk, fields: str) -> None:
    tried = desk.deliver("sf", salesforce(ORGANIZATION), outbound(fields), XML)
    assert tried.taken, tried.said


@pytest.mark.parametrize("content_type", ["text/xml; charset=utf8", 'text/xml;charset="UTF-8"', "text/xml"])
def test_an_outbound_message_is_read_under_each_of_its_labels(desk: Desk, content_type: str) -> None:
    headers = {**XML, "content-type": content_type}
    assert desk.deliver("sf", salesforce(ORGANIZATION), outbound(), headers).taken


# ── Events that are too large to be sent whole ────────────────────────────────────────────────────


@pytest.mark.parametrize("value", ["true", "1", ""])
def test_a_dataverse_message_without_its_data_is_refused_by_name(desk: Desk, value: str) -> None:
    """https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks

    Above 256 KB Dataverse sends this header and leaves the row out: nobody can say that it is no cancellation.
    """
    event = recorded("dataverse", headers={"x-ms-dynamics-msg-size-exceeded": value})
    body = json.loads(event["body"])
    for removed in ("InputParameters", "PreEntityImages", "PostEntityImages", "ParentContext"):
        body.pop(removed, None)
    tried = desk.put("dataverse", CONFIG, {**event, "body": json.dumps(body)})
    assert tried.refused()
    assert any(word in tried.said for word in ("too-large", "256 KB"))


SUMMARIES = {
    "an address": {"location": "s3://example-flows/depositions/2026/11/20/0001"},
    "a bucket and a key": {"bucket": "example-flows", "key": "depositions/2026/11/20/0001"},
    "nothing": {},
}


@pytest.mark.parametrize("detail", SUMMARIES.values(), ids=SUMMARIES)
def test_a_summary_of_a_large_appflow_event_is_a_dead_letter(desk: Desk, detail: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/appflow/latest/userguide/service-quotas.html

    Above 256 KB AppFlow publishes a summary with a pointer to S3. Its shape is not documented; what it lacks is
    the header of every change event. It is refused by name, never ignored.
    """
    tried = desk.put("appflow-cdc", CONFIG, recorded("appflow-cdc", detail=detail))
    assert tried.refused()
    assert any(word in tried.said for word in ("ChangeEventHeader", "filter", "256 KB", "AppFlow"))
