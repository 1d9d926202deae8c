"""The story comes out right under every setting of every switch of the emulator."""

import pytest

from prevail.switches import SWITCHES
from undocumented.documented import LIMITS, headings, outdated, undocumented
from undocumented.emulated import Site
from undocumented.judging import faults
from undocumented.story import play
from undocumented.switch_settings import NOT_MET, SETTINGS


@pytest.mark.parametrize("name", SETTINGS)
def test_story(emulated: Site, name: str) -> None:
    """One effect per session, a true outcome for each request, no long wait for a good one."""
    setting = SETTINGS[name]
    played = play(emulated, setting)
    found = faults(played, setting)
    wrong = [*map(str, undocumented(found, setting)), *outdated(found, setting)]
    assert not wrong, "\n".join([name, *wrong])
    assert played.lost == 0


def test_every_switch_is_played_or_named_as_not_met() -> None:
    played = {switch for setting in SETTINGS.values() for switch in setting}
    assert played | set(NOT_MET) == set(SWITCHES)
    assert not played & set(NOT_MET)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: f"{limit.when} {limit.kind}")
def test_limits_are_played_and_documented(limit: object) -> None:
    assert isinstance(limit, type(LIMITS[0]))
    assert limit.when in SETTINGS.values()
    assert limit.heading in headings(limit.page)
