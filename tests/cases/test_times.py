"""`starts_at` as senders write it: read if it is plain, else left out with a note, and never a refusal."""

import json
from typing import Any

import pytest

from cases.desk import Desk, Tried, recorded, reported
from cases.tables import KEYED_JSON, asked, tool

GITHUB = "https://github.com"
STARTS_AT = 1_795_543_200
"""2026-11-24T18:00:00Z."""

READ = [
    pytest.param(STARTS_AT, id="seconds"),
    pytest.param(STARTS_AT * 1000, id="milliseconds"),
    pytest.param(str(STARTS_AT), id="seconds as text"),
    pytest.param(str(STARTS_AT * 1000), id="milliseconds as text"),
    pytest.param("2026-11-24T18:00:00Z", id="ISO 8601"),
    pytest.param("2026-11-24T13:00:00-05:00", id="ISO 8601 elsewhere"),
    reported(f"{GITHUB}/mozilla/addons/issues/8679", STARTS_AT * 1000 + 123),
    reported(f"{GITHUB}/kevin-montrose/Jil/issues/229", "2026-11-24T18:00:00.000+0000"),
    reported(f"{GITHUB}/pnp/cli-microsoft365/issues/3372", "2026-11-24T18:00:00.1234567Z"),
    reported(f"{GITHUB}/OneDrive/onedrive-api-docs/issues/243", "2026-11-24T18:00:00.1234567+00:00"),
    reported(f"{GITHUB}/segmentio/action-destinations/pull/3922", "2026-11-24T18:00:00.123456789Z"),
]

LEFT_OUT = [
    pytest.param("2026-11-24T18:00:00", id="no zone"),
    pytest.param("11/24/2026 6:00 PM", id="a day of one country"),
    reported(f"{GITHUB}/opencrvs/opencrvs-core/issues/12668", ""),
    reported(f"{GITHUB}/dadi/api/issues/416", {}),
    reported(f"{GITHUB}/nanomq/nanomq/issues/1806", -498365439),
    reported(f"{GITHUB}/swentel/indieweb/issues/441", "0001-01-01T00:00:00+00:00"),
    pytest.param(True, id="a boolean"),
    pytest.param([STARTS_AT], id="a list"),
]

READ_OR_LEFT_OUT = [
    reported(f"{GITHUB}/dotnet/corefx/issues/40857", f"/Date({STARTS_AT * 1000}+0530)/"),
    reported(f"{GITHUB}/MicrosoftDocs/powerapps-docs/issues/3771", f"/Date({STARTS_AT * 1000})/"),
    reported(f"{GITHUB}/hosseinmoein/DataFrame/issues/255", "2026-11-24 18:00:00+00"),
    reported(f"{GITHUB}/codacy/chart/pull/396", STARTS_AT * 1_000_000_000, by="nanoseconds"),
    reported(
        "https://ryanmaclean365.com/2020/07/28/converting-excel-date-time-serial-values-with-power-automate/",
        46350.75,
    ),
    reported("https://tanvibhakta.in/blog/ole-automation-date", "46350.75"),
]


def tried_with(desk: Desk, starts_at: object) -> Tried:
    return desk.deliver("tool", tool(), asked(starts_at=starts_at), KEYED_JSON)


def noted(request: dict[str, Any], field: str) -> bool:
    return any(field in note for note in request["notes"])


@pytest.mark.parametrize("starts_at", READ)
def test_a_plain_time_is_read(desk: Desk, starts_at: object) -> None:
    request = tried_with(desk, starts_at).request
    assert request["starts_at"] == pytest.approx(STARTS_AT, abs=1)
    assert not request.get("notes")


@pytest.mark.parametrize("starts_at", LEFT_OUT)
def test_a_time_that_cannot_be_read_is_left_out_with_a_note(desk: Desk, starts_at: object) -> None:
    tried = tried_with(desk, starts_at)
    assert tried.answer == 202, tried.said
    assert tried.request.get("starts_at") is None
    assert noted(tried.request, "starts_at")


@pytest.mark.parametrize("starts_at", READ_OR_LEFT_OUT)
def test_a_time_in_a_rarer_form_is_read_rightly_or_left_out(desk: Desk, starts_at: object) -> None:
    """A serial number of a spreadsheet is no moment of 1970."""
    tried = tried_with(desk, starts_at)
    assert tried.answer == 202, tried.said
    found = tried.request.get("starts_at")
    assert (
        found == pytest.approx(STARTS_AT, abs=1) if found is not None else noted(tried.request, "starts_at")
    )


def test_no_time_is_no_note(desk: Desk) -> None:
    """https://github.com/dubinc/dub/pull/4133: a date that is not set is null."""
    request = tried_with(desk, None).request
    assert request.get("starts_at") is None
    assert not request.get("notes")


# ── On the bus, where a refusal is a dead letter ──────────────────────────────────────────────────


RELAY = """\
[r]
organization = "example-legal"
verify = "bus"

[r.bus]
source = "aws.partner/salesforce.com/00DEXAMPLEFIRM0AAA/0YLEXAMPLERELAY0AA"
detail_type = "Deposition_Canceled__e"

[r.request]
event_id = "body.detail.payload.Event_Id__c"
remote_session_id = "body.detail.payload.Remote_Session_Id__c"
starts_at = "body.detail.payload.Starts_At__c"
"""


def relayed(starts_at: object) -> dict[str, Any]:
    """A platform event of Salesforce, whose times are milliseconds."""
    event = recorded("event-relay")
    event["detail"]["payload"]["Starts_At__c"] = starts_at
    return event


def test_a_platform_event_has_its_time_in_milliseconds(desk: Desk) -> None:
    assert desk.put("r", RELAY, relayed(STARTS_AT * 1000)).request["starts_at"] == STARTS_AT


@pytest.mark.parametrize("starts_at", ["", "2026-11-24T18:00:00", "11/24/2026 6:00 PM"], ids=json.dumps)
def test_a_platform_event_is_taken_whatever_its_time(desk: Desk, starts_at: str) -> None:
    tried = desk.put("r", RELAY, relayed(starts_at))
    assert tried.taken, tried.said
    assert noted(tried.request, "starts_at")
