"""Bodies and their labels as senders post them: read if their meaning is plain, else refused in words that are true."""

import pytest

from cases.desk import Desk, reported
from cases.tables import CANCELED, FORM, SIGNED_JSON, crm
from trial.gallery.files import CONFIG

GITHUB = "https://github.com"

# ── JSON ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("label", ["utf-8", "", "none", "UTF-8"])
def test_a_label_that_is_no_coding_is_not_called_compression(desk: Desk, label: str) -> None:
    tried = desk.deliver("crm", crm(), CANCELED, {**SIGNED_JSON, "content-encoding": label})
    assert tried.taken or (tried.answer == 415 and "compressed" not in tried.said)


JSON_TYPES = [
    reported(
        f"{GITHUB}/jenkinsci/generic-webhook-trigger-plugin/issues/226", "application/json; charset=UTF-8"
    ),
    reported(f"{GITHUB}/Particular/ServiceControl/issues/338", "application/json; charset=utf8"),
    reported(f"{GITHUB}/Sage-Bionetworks/synapse-web-monorepo/pull/1814", "application/json;charset=UTF8"),
    reported(f"{GITHUB}/aspnet/WebHooks/issues/83", "application/vnd.api+json; charset=utf-8"),
    reported(f"{GITHUB}/aspnet/WebHooks/issues/83", "text/json", by="text/json"),
    reported(f"{GITHUB}/apiaframework/apia/pull/34", "application/vnd.docker.distribution.events.v2+json"),
    reported(f"{GITHUB}/jshttp/media-typer/issues/7", "application/json, application/json"),
    reported(f"{GITHUB}/featbit/featbit-js-client-sdk/pull/9", "application/json,application/json"),
]


@pytest.mark.parametrize("content_type", JSON_TYPES)
def test_json_is_read_under_every_label_that_says_so(desk: Desk, content_type: str) -> None:
    tried = desk.deliver("crm", crm(), CANCELED, {**SIGNED_JSON, "content-type": content_type})
    assert tried.taken, tried.said


def test_json_without_a_label_is_read(desk: Desk) -> None:
    """https://github.com/neuvector/neuvector/issues/1315, https://github.com/ueberdosis/hocuspocus/issues/320"""
    assert desk.deliver("crm", crm(), CANCELED, {"webhook-id": "msg_1"}).taken


OTHER_LABELS = [
    reported(
        f"{GITHUB}/thinkst/canarytokens/issues/322", "application/x-www-form-urlencoded", "application/json"
    ),
    reported(f"{GITHUB}/OpenFn/lightning/pull/2186", "text/xml", "application/json"),
    reported(f"{GITHUB}/supabase/supabase/pull/46673", "application/jsonapplication/json", "content-type"),
]


@pytest.mark.parametrize(("content_type", "named"), OTHER_LABELS)
def test_json_under_another_label_is_refused_by_name(desk: Desk, content_type: str, named: str) -> None:
    """Never ignored: its sender sees that it is misunderstood."""
    tried = desk.deliver("crm", crm(), CANCELED, {**SIGNED_JSON, "content-type": content_type})
    assert tried.refused(named)
    assert tried.answer == 415


# ── Forms ─────────────────────────────────────────────────────────────────────────────────────────

APPOINTMENT = "action=canceled&id=70331&calendarID=88&appointmentTypeID=4107"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"{APPOINTMENT}&", id="an ampersand at the end"),
        pytest.param("action=canceled&id=70331&flag", id="a name alone"),
        pytest.param("action=canceled&&id=70331", id="two ampersands"),
        pytest.param("action=canceled&id=70331\n", id="a line break at the end"),
        pytest.param(f"&{APPOINTMENT}", id="an ampersand first"),
    ],
)
def test_a_form_is_read_as_its_specification_says(desk: Desk, body: str) -> None:
    """https://url.spec.whatwg.org/#application/x-www-form-urlencoded"""
    tried = desk.deliver("api-key-form", CONFIG, body, FORM)
    assert tried.taken, tried.said


def test_a_form_may_say_its_charset(desk: Desk) -> None:
    """https://github.com/rudderlabs/rudder-server/issues/1463"""
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    assert desk.deliver("api-key-form", CONFIG, APPOINTMENT, headers).taken


REPEATED = [
    reported(f"{GITHUB}/hoppscotch/hoppscotch/issues/2571", f"{APPOINTMENT}&id=70332", by="the session"),
    reported(f"{GITHUB}/gocelestial/app-old/issues/29", f"{APPOINTMENT}&action=changed", by="the filter"),
    reported(f"{GITHUB}/twilio/twilio-ruby/pull/200", f"action=changed&{APPOINTMENT}", by="the filter first"),
]


@pytest.mark.parametrize("body", REPEATED)
def test_a_field_that_decides_may_not_come_twice(desk: Desk, body: str) -> None:
    """The first or the last? Neither is guessed, and the delivery is not ignored either."""
    tried = desk.deliver("api-key-form", CONFIG, body, FORM)
    assert tried.refused()
    assert tried.answer == 400


@pytest.mark.parametrize(
    "field",
    [
        reported(f"{GITHUB}/activepieces/activepieces/pull/15193", "tags[]"),
        reported(f"{GITHUB}/inngest/inngest/pull/2770", "tag"),
    ],
)
def test_a_field_that_nobody_reads_may_come_twice(desk: Desk, field: str) -> None:
    tried = desk.deliver("api-key-form", CONFIG, f"{APPOINTMENT}&{field}=a&{field}=b", FORM)
    assert tried.taken, tried.said
