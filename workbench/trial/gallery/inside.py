"""Arrivals that need no signature: events on the bus, and callers inside AWS."""

from trial.gallery.sample import Ask, Event, Fresh, Sample, ignored_by

RECORD = "a0XTUESDAYRECORD01"


def bus(fresh: Fresh) -> Event:
    detail = {
        "event_id": f"crm-{fresh.mark}",
        "remote_session_id": fresh.session,
        "cancel_without_email": fresh.without_email,
        "reason": "The witness is ill.",
    }
    return Event(detail, fresh.uuid("bus"), fresh.at)


def event_relay(fresh: Fresh) -> Event:
    payload = {
        "CreatedDate": fresh.iso,
        "CreatedById": "005EXAMPLEUSER0001",
        "Event_Id__c": fresh.uuid("event"),
        "Remote_Session_Id__c": fresh.session,
        "Reason__c": "Settled",
    }
    return Event({"payload": payload, "schemaId": "exampleSchema"}, fresh.uuid("bus"), fresh.at)


def appflow_cdc(fresh: Fresh) -> Event:
    header = _change(fresh, "UPDATE", ["LastModifiedDate", "Status__c"])
    detail = {
        "ChangeEventHeader": header,
        "LastModifiedDate": fresh.iso,
        "Status__c": "Canceled",
    }
    return Event(detail, fresh.uuid("bus"), fresh.at)


def appflow_cdc_created(fresh: Fresh) -> Event:
    detail = {"ChangeEventHeader": _change(fresh, "CREATE", []), "Status__c": "Planned"}
    return Event(detail, fresh.uuid("bus"), fresh.at)


def _change(fresh: Fresh, kind: str, fields: list[str]) -> dict[str, object]:
    return {
        "entityName": "Deposition__c",
        "recordIds": [RECORD],
        "changeType": kind,
        "changedFields": fields,
        "changeOrigin": "com/salesforce/api/rest/62.0",
        "transactionKey": fresh.uuid("transaction"),
        "sequenceNumber": 1,
        "commitTimestamp": fresh.milliseconds,
        "commitNumber": fresh.number("commit", 12),
        "commitUser": "005EXAMPLEUSER0001",
    }


def request(fresh: Fresh) -> Ask:
    fields = {
        "organization": "example-legal",
        "remote_session_id": fresh.session,
        "cancel_without_email": fresh.without_email,
        "reason": "The case settled.",
        "starts_at": fresh.later(days=4),
    }
    return Ask(f"case-{fresh.hex('case', 12)}", fields)


SAMPLES = (
    Sample(
        "bus",
        "a CRM that puts events on the bus",
        bus,
        sent_by="example-bus",
        mark="2718",
        session="session-of-wednesday",
    ),
    Sample("event-relay", "a platform event of Salesforce, relayed", event_relay),
    Sample(
        "appflow-cdc",
        "a record of Salesforce that changes, by AppFlow",
        appflow_cdc,
        listed={RECORD: "session-of-appflow-cdc"},
    ),
    Sample(
        "appflow-cdc-created",
        "the same for a new record: no cancellation",
        appflow_cdc_created,
        (ignored_by("update"),),
        sent_by="appflow-cdc",
    ),
    Sample("request", "a caller inside AWS, who asks in our own words", request, quiet=True),
)
