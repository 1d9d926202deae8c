import pytest

from cancellations.errors import SignatureRefused
from cancellations.source.verification.headers import MAX_HEADER_CHARS, MAX_VALUES, Field

PLAIN = Field("x-signature")
LISTED = Field("x-signature", ("v1=",), ",")
SPOKEN = Field("authorization", scheme="bearer")
EITHER = Field("x-signature", ("sha256=", ""))


def test_a_header_without_separator_is_one_value() -> None:
    assert PLAIN.values({"x-signature": "a,b c;d"}) == ["a,b c;d"]


def test_values_are_what_stands_behind_the_prefix_in_their_order() -> None:
    assert LISTED.values({"x-signature": "t=1,v1=b,v0=c,v1=a"}) == ["b", "a"]


def test_a_prefix_is_compared_as_it_is_written() -> None:
    assert LISTED.values({"x-signature": "V1=a,v1 =c,v10=d,v1\t=e,\tv1=f"}) == []


@pytest.mark.parametrize(
    "header", ["v1=a,v1=b", "v1=a, v1=b", " v1=a ,   v1=b ", "t=1, v1=a ,v1=b", "v1=a,,v1=b, "]
)
def test_spaces_around_the_parts_of_a_list_do_not_count(header: str) -> None:
    assert LISTED.values({"x-signature": header}) == ["a", "b"]


def test_a_list_may_have_spaces_around_a_semicolon() -> None:
    assert Field("x-signature", ("v1=",), ";").values({"x-signature": "v1=a ; v1=b"}) == ["a", "b"]


def test_spaces_behind_a_prefix_count() -> None:
    assert LISTED.values({"x-signature": "v1= a"}) == [" a"]


def test_a_list_that_comes_twice_is_one_list() -> None:
    """API Gateway joins both by a comma."""
    assert LISTED.values({"x-signature": "t=1,v1=a,t=1,v1=b"}) == ["a", "b"]
    with pytest.raises(SignatureRefused):
        Field("x-signature", ("t=",), ",").value({"x-signature": "t=1,v1=a,t=1,v1=b"})


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Bearer a", "a"),
        ("bearer  a ", "a"),
        (" BEARER a", "a"),
        ("a", "a"),
        ("Basic a", "Basic a"),
        ("Bearer", ""),
        ("Bearer a, Bearer b", "a, Bearer b"),
        ("Bearer\ta", "Bearer\ta"),
        ("Bearers a", "Bearers a"),
    ],
)
def test_the_name_of_a_scheme_may_precede_the_value(header: str, value: str) -> None:
    assert SPOKEN.values({"authorization": header}) == [value]


def test_of_several_prefixes_the_first_that_fits_is_taken_away_once() -> None:
    assert EITHER.values({"x-signature": "sha256=sha256=00"}) == ["sha256=00"]
    assert EITHER.values({"x-signature": "00"}) == ["00"]


def test_empty_parts_are_no_values() -> None:
    assert Field("x-signature", separator=" ").values({"x-signature": "  a   b "}) == ["a", "b"]


def test_a_prefix_with_nothing_behind_it_is_a_value_that_fits_nothing() -> None:
    assert LISTED.values({"x-signature": "v1="}) == [""]


def test_no_more_than_ten_values_are_looked_at() -> None:
    header = ",".join(f"v1={number}" for number in range(MAX_VALUES + 1))
    assert LISTED.values({"x-signature": header}) == [str(number) for number in range(MAX_VALUES)]


@pytest.mark.parametrize(
    "headers", [{}, {"x-signature": ""}, {"X-Signature": "a"}], ids=["none", "empty", "case"]
)
def test_a_missing_header_has_no_value(headers: dict[str, str]) -> None:
    assert PLAIN.values(headers) == []


@pytest.mark.parametrize("headers", [{}, {"x-signature": ""}, {"x-signature": "v0=a"}])
def test_where_one_value_is_meant_none_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(SignatureRefused):
        LISTED.value(headers)


@pytest.mark.parametrize("header", ["v1=a,v1=b", "v1=a,v1=a"])
def test_where_one_value_is_meant_two_are_refused(header: str) -> None:
    with pytest.raises(SignatureRefused):
        LISTED.value({"x-signature": header})


def test_a_header_of_the_greatest_length_is_read() -> None:
    assert PLAIN.value({"x-signature": "a" * MAX_HEADER_CHARS}) == "a" * MAX_HEADER_CHARS


def test_a_longer_header_is_refused() -> None:
    with pytest.raises(SignatureRefused):
        PLAIN.values({"x-signature": "a" * (MAX_HEADER_CHARS + 1)})


@pytest.mark.parametrize("header", ["é", "v1=\u0661", "v1=a,\ud800", "v1=a\x80"])
def test_a_header_that_is_not_ascii_is_refused(header: str) -> None:
    with pytest.raises(SignatureRefused):
        LISTED.values({"x-signature": header})
