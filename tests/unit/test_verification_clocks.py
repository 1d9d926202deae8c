import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancellations.errors import SignatureRefused
from cancellations.source.verification.clocks import UNITS, Unit, moment, written

NOW = 1_800_000_000.0

RIGHT: list[tuple[Unit, str]] = [
    ("s", "1800000000"),
    ("ms", "1800000000000"),
    ("iso", "2027-01-15T08:00:00Z"),
]


@pytest.mark.parametrize(("unit", "spelling"), RIGHT)
def test_each_unit_has_its_form(unit: Unit, spelling: str) -> None:
    assert moment(spelling, unit) == NOW


@pytest.mark.parametrize(("unit", "spelling"), RIGHT)
def test_what_is_written_has_the_same_form(unit: Unit, spelling: str) -> None:
    assert written(NOW + 0.9 * (unit != "ms"), unit) == spelling


def test_milliseconds_count() -> None:
    assert moment("1800000000250", "ms") == NOW + 0.25


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("other", UNITS)
def test_a_time_of_another_unit_is_refused(unit: Unit, other: Unit) -> None:
    if unit != other:
        with pytest.raises(SignatureRefused):
            moment(written(NOW, other), unit)


OTHER_SPELLINGS = [
    pytest.param("s", "\u0661\u0668" + "\u0660" * 8, id="arabic-digits"),
    pytest.param("s", "\uff11\uff18" + "\uff10" * 8, id="fullwidth-digits"),
    pytest.param("s", "\u00b2" * 10, id="superscripts"),
    pytest.param("s", "1_800_000_0", id="underscores-of-one-length"),
    pytest.param("s", "1800000000.0", id="fraction"),
    pytest.param("s", "18000000.0", id="fraction-of-one-length"),
    pytest.param("s", "180000e+04", id="exponent-of-one-length"),
    pytest.param("s", "NaN", id="nan"),
    pytest.param("s", "Infinity", id="infinity"),
    pytest.param("s", "+180000000", id="plus-of-one-length"),
    pytest.param("s", "-180000000", id="minus-of-one-length"),
    pytest.param("s", " 180000000", id="space-before"),
    pytest.param("s", "1800000000 ", id="space-after"),
    pytest.param("s", "1800000000\n", id="line-end"),
    pytest.param("s", "0x6b49d200", id="hexadecimal"),
    pytest.param("s", "01800000000", id="zero-before"),
    pytest.param("s", "180000000", id="nine-digits"),
    pytest.param("s", "9" * 5000, id="5000-digits"),
    pytest.param("s", "", id="nothing"),
    pytest.param("ms", "180000000000", id="twelve-digits"),
    pytest.param("ms", "18000000000000", id="fourteen-digits"),
    pytest.param("ms", "1800000000.00", id="milliseconds-with-a-fraction"),
    pytest.param("ms", "1800000000000\n", id="milliseconds-line-end"),
    pytest.param("iso", "2027-01-15T08:00:00", id="no-zone"),
    pytest.param("iso", "2027-01-15T08:00:00z", id="lower-case-zone"),
    pytest.param("iso", "2027-01-15 08:00:00Z", id="no-t"),
    pytest.param("iso", "2027-01-15T08:00:00+00:00", id="offset"),
    pytest.param("iso", "2027-01-15T08:00:00.000Z", id="iso-with-fraction"),
    pytest.param("iso", "20270115T080000Z", id="basic-form"),
    pytest.param("iso", "2027-W02-5T08:00:00Z", id="week"),
    pytest.param("iso", "2027-13-15T08:00:00Z", id="thirteenth-month"),
    pytest.param("iso", "2027-02-30T08:00:00Z", id="thirtieth-of-february"),
    pytest.param("iso", "2027-01-15T25:00:00Z", id="twenty-fifth-hour"),
    pytest.param("iso", "2027-01-15T08:00:61Z", id="sixty-first-second"),
    pytest.param("iso", "0000-01-15T08:00:00Z", id="year-0"),
    pytest.param("iso", "\u0662\u0660\u0662\u0667-01-15T08:00:00Z", id="arabic-year"),
    pytest.param("iso", "2027-01-15T08:00:00Z\n", id="iso-line-end"),
]


@pytest.mark.parametrize(("unit", "spelling"), OTHER_SPELLINGS)
def test_another_spelling_is_refused(unit: Unit, spelling: str) -> None:
    with pytest.raises(SignatureRefused):
        moment(spelling, unit)


@pytest.mark.parametrize("spelling", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_ends_of_the_calendar_are_times(spelling: str) -> None:
    assert abs(moment(spelling, "iso") - NOW) > 1e9


@given(unit=st.sampled_from(UNITS), spelling=st.text())
@settings(deadline=None)
def test_whatever_is_written_is_a_time_or_refused(unit: Unit, spelling: str) -> None:
    try:
        found = moment(spelling, unit)
    except SignatureRefused:
        return
    assert len(spelling) == len(written(NOW, unit))
    assert found == found  # noqa: PLR0124 - never NaN
