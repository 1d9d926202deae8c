"""The time zones a session can be in, by their names in Rails (ActiveSupport::TimeZone)."""

from collections.abc import Mapping
from datetime import datetime, time
from zoneinfo import ZoneInfo

ZONES: Mapping[str, ZoneInfo] = {
    name: ZoneInfo(key)
    for name, key in {
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
    }.items()
}


def local_start(starts_at: int, time_zone: str) -> tuple[str, str]:
    """The date (YYYY-MM-DD) and the time (hh:mm AM) of a start, where the session is."""
    start = datetime.fromtimestamp(starts_at, ZONES[time_zone])
    return start.strftime("%Y-%m-%d"), f"{start:%I:%M} {'AM' if start.time() < time(12) else 'PM'}"
