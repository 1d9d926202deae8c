"""Webhooks of calendars: canceled, and what looks like it and is not."""

from trial.gallery.sample import Draft, Fresh, Sample, ignored_by, in_form, in_json

API = "https://api.calendly.com"
BOOKED = f"{API}/scheduled_events/DEPOSITIONOFTUESDAY"
BOOKINGS = {BOOKED: "session-of-calendly"}
UID = "bk7TuesdayMorning"
APPOINTMENT = "70331"


def calendly(fresh: Fresh) -> Draft:
    return _invitee(fresh, rescheduled=False)


def calendly_rescheduled(fresh: Fresh) -> Draft:
    return _invitee(fresh, rescheduled=True)


def _invitee(fresh: Fresh, *, rescheduled: bool) -> Draft:
    invitee = f"{BOOKED}/invitees/{fresh.uuid('invitee')}"
    following = f"{API}/scheduled_events/{fresh.uuid('new')}/invitees/{fresh.uuid('new invitee')}"
    payload = {
        "uri": invitee,
        "event": BOOKED,
        "name": "Reporting Desk",
        "email": "desk@example.com",
        "status": "canceled",
        "rescheduled": rescheduled,
        "old_invitee": None,
        "new_invitee": following if rescheduled else None,
        "tracking": {"utm_source": None, "utm_content": None},
        "cancellation": {
            "canceled_by": "Reporting Desk",
            "reason": "The witness is ill.",
            "canceler_type": "host",
        },
        "scheduled_event": {"uri": BOOKED, "name": "Deposition", "start_time": fresh.later(days=4)},
    }
    body = {
        "event": "invitee.canceled",
        "created_at": fresh.iso,
        "created_by": f"{API}/users/EXAMPLEFIRM",
        "payload": payload,
    }
    return in_json(body)


def cal_com(fresh: Fresh) -> Draft:
    return _booking(fresh, reschedule_asked=False)


def cal_com_reschedule_asked(fresh: Fresh) -> Draft:
    return _booking(fresh, reschedule_asked=True)


def _booking(fresh: Fresh, *, reschedule_asked: bool) -> Draft:
    payload = {
        "uid": UID,
        "bookingId": 5117,
        "type": "deposition",
        "title": "Deposition, morning",
        "startTime": fresh.later(days=4),
        "organizer": {"id": 12, "email": "calendar@example.com", "timeZone": "America/Chicago"},
        "attendees": [{"email": "witness@example.com", "timeZone": "America/Chicago"}],
        "responses": {"matter": {"label": "Matter", "value": "2026-118"}},
        "status": "CANCELLED",
        "cancellationReason": "Another day suits better." if reschedule_asked else "The case settled.",
        "iCalSequence": 1,
        "requestReschedule": reschedule_asked,
    }
    headers = {"x-cal-webhook-version": "2021-10-20"}
    return in_json({"triggerEvent": "BOOKING_CANCELLED", "createdAt": fresh.iso, "payload": payload}, headers)


def clio(fresh: Fresh) -> Draft:
    entry = {"id": int(_entry(fresh)), "etag": f'"{fresh.hex("etag", 32)}"'}
    return in_json({"data": entry, "meta": {"event": "deleted", "webhook_id": 20441}})


def _entry(fresh: Fresh) -> str:
    return str(fresh.number("entry", 10))


def form(fresh: Fresh) -> Draft:  # noqa: ARG001 - it says nothing that could differ
    fields = {"action": "canceled", "id": APPOINTMENT, "calendarID": "88", "appointmentTypeID": "4107"}
    return in_form(fields)


SAMPLES = (
    Sample("calendly", "an invitee who cancels", calendly, listed=BOOKINGS),
    Sample(
        "calendly-rescheduled",
        "an invitee who takes another time: the same event, but no cancellation",
        calendly_rescheduled,
        (ignored_by("not-rescheduled"),),
        sent_by="calendly",
    ),
    Sample("cal-com", "a booking that is canceled", cal_com, listed={UID: "session-of-cal-com"}),
    Sample(
        "cal-com-reschedule-asked",
        "an organizer who asks for another time: the same trigger, but no cancellation",
        cal_com_reschedule_asked,
        (ignored_by("not-rescheduled"),),
        sent_by="cal-com",
    ),
    Sample(
        "clio",
        "a calendar entry that is deleted; the ledger's table says which session it is",
        clio,
        mapped=lambda fresh: {_entry(fresh): fresh.session},
    ),
    Sample(
        "api-key-form",
        "a form of a booking tool, with a key",
        form,
        listed={APPOINTMENT: "session-of-api-key-form"},
    ),
)
