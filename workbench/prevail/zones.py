"""The time zones a session can be in: by their names in Rails (ActiveSupport::TimeZone) or in the IANA database."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

RAILS: Mapping[str, str] = {
    "American Samoa": "Pacific/Pago_Pago",
    "Hawaii": "Pacific/Honolulu",
    "Alaska": "America/Juneau",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Arizona": "America/Phoenix",
    "Mountain Time (US & Canada)": "America/Denver",
    "Central Time (US & Canada)": "America/Chicago",
    "Eastern Time (US & Canada)": "America/New_York",
    "Indiana (East)": "America/Indiana/Indianapolis",
    "Atlantic Time (Canada)": "America/Halifax",
    "Puerto Rico": "America/Puerto_Rico",
    "Newfoundland": "America/St_Johns",
    "UTC": "Etc/UTC",
    "London": "Europe/London",
    "Guam": "Pacific/Guam",
}
_OFFSET = re.compile(r"\(GMT[+-]\d\d:\d\d\) ", re.ASCII)
_DATE = re.compile(r"(19[7-9]|20[0-9])[0-9]-[0-9]{2}-[0-9]{2}", re.ASCII)
_CLOCK = re.compile(r"(0[1-9]|1[0-2]):([0-5][0-9]) ([AP])M", re.ASCII)


@lru_cache(1000)
def zone(name: str) -> ZoneInfo | None:
    """None where there is no such zone. An offset in front, as in "(GMT-05:00) Arizona", is left aside."""
    bare = _OFFSET.sub("", name, count=1)
    key = RAILS.get(bare, bare)
    return ZoneInfo(key) if key in available_timezones() else None


def local_start(starts_at: int, time_zone: str) -> tuple[str, str]:
    """The date (YYYY-MM-DD) and the time (hh:mm AM) of a start, where the session is."""
    start = datetime.fromtimestamp(starts_at, zone(time_zone))
    return start.strftime("%Y-%m-%d"), f"{start:%I:%M} {'AM' if start.time() < time(12) else 'PM'}"


def start_from(start_date: str, start_time: str, time_zone: str) -> int:
    """Epoch seconds. Raises ValueError, with the name of the field that is wrong."""
    place = zone(time_zone)
    if place is None:
        raise ValueError("time_zone")
    clock = _CLOCK.fullmatch(start_time)
    if clock is None:
        raise ValueError("start_time")
    hour = int(clock[1]) % 12 + (12 if clock[3] == "P" else 0)
    if not _DATE.fullmatch(start_date):
        raise ValueError("start_date")
    try:
        day = date.fromisoformat(start_date)
    except ValueError as fault:
        raise ValueError("start_date") from fault
    return int(datetime.combine(day, time(hour, int(clock[2]), tzinfo=place)).timestamp())
