import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancellations.source.verification.template import NAMES, Name, read

VALUES: dict[Name, bytes] = {"id": b"I", "timestamp": b"T", "method": b"M", "url": b"U", "body": b"{B}"}


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ("{body}", b"{B}"),
        ("{id}.{timestamp}.{body}", b"I.T.{B}"),
        ("v0:{timestamp}:{body}", b"v0:T:{B}"),
        ("{method}{url}{body}{timestamp}", b"MU{B}T"),
        ("é{body}", "é{B}".encode()),
    ],
)
def test_a_template_is_filled_in_as_it_is_written(written: str, filled: bytes) -> None:
    assert read(written).filled(VALUES) == filled


def test_a_body_that_looks_like_a_template_stays_as_it_is() -> None:
    assert read("{timestamp}.{body}").filled({**VALUES, "body": b"{timestamp}"}) == b"T.{timestamp}"


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("", id="nothing"),
        pytest.param("{id}.{timestamp}", id="no-body"),
        pytest.param("{body}{body}", id="body-twice"),
        pytest.param("{timestamp}{timestamp}{body}", id="time-twice"),
        pytest.param("{host}.{body}", id="unknown"),
        pytest.param("{ body}", id="blank-inside"),
        pytest.param("{body", id="not-closed"),
        pytest.param("body}", id="not-opened"),
        pytest.param("{{body}}", id="double"),
        pytest.param("{body}}", id="one-brace-too-many"),
        pytest.param("{body}{", id="opened-at-the-end"),
        pytest.param("{}{body}", id="no-name"),
        pytest.param("{id}{body}", id="id-beside-the-body"),
        pytest.param("{body}{id}", id="body-beside-the-id"),
        pytest.param("{id}{timestamp}.{body}", id="id-beside-the-time"),
        pytest.param("{url}{id}.{body}", id="id-beside-the-address"),
    ],
)
def test_a_template_that_would_leave_something_open_is_a_fault(written: str) -> None:
    with pytest.raises(ValueError, match=r"^(knows|has|must|contains|needs) "):
        read(written)


@pytest.mark.parametrize(
    ("written", "borders"),
    [
        ("{id}.{timestamp}.{body}", "."),
        ("{timestamp}:{id}/{body}", ":/"),
        ("{body}-{id}", "-"),
        ("id={id};{body}", "id=;"),
        ("{timestamp}.{body}", ""),
    ],
)
def test_the_borders_of_an_id_are_the_signs_beside_it(written: str, borders: str) -> None:
    assert read(written).borders_of_id == set(borders)


PIECES = st.sampled_from([*(f"{{{name}}}" for name in NAMES), ".", ":", "/"])


@given(st.lists(PIECES).map("".join), st.data())
@settings(deadline=None)
def test_ids_without_its_borders_never_make_two_deliveries_one(written: str, data: st.DataObject) -> None:
    try:
        template = read(written)
    except ValueError:
        return
    allowed = st.text(st.sampled_from(sorted(set("ab.:/") - template.borders_of_id)), max_size=3)
    bodies = st.text(st.sampled_from("ab.:/"), max_size=6)
    pairs = st.tuples(allowed if "id" in template else st.just(""), bodies)
    one, other = data.draw(pairs), data.draw(pairs)
    filled = [template.filled({**VALUES, "id": i.encode(), "body": b.encode()}) for i, b in (one, other)]
    assert (filled[0] == filled[1]) == (one == other)


@given(st.text(st.sampled_from("{}idbodytmesan.:")))
@settings(deadline=None)
def test_whatever_is_written_is_a_template_or_a_fault(written: str) -> None:
    try:
        template = read(written)
    except ValueError:
        return
    assert b"{B}" in template.filled(VALUES)
