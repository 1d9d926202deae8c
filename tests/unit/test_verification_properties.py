"""Whatever a stranger sends, it is verified, refused or malformed: anything else would be a 500."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cancellations.domain import Delivery
from cancellations.errors import Malformed, SignatureRefused
from cancellations.source.presets import PRESETS
from cancellations.source.verification import Verified
from cancellations.source.verification.bearer import Bearer
from cancellations.source.verification.shared import Shared
from cancellations.source.verification.signed import Signed
from signing import NOW, SECRET, SENDERS, Scheme, judged, token

quickly = settings(max_examples=30, deadline=None)


def headers_of(scheme: Scheme) -> list[str]:
    match scheme:
        case Signed():
            found = [scheme.signature, scheme.id, scheme.timestamp]
        case Bearer():
            found = [scheme.field]
        case Shared():
            found = [scheme.field]
    return sorted({field.header for field in found if field} | {"content-type", "host"})


prefixes = (
    "v1,",
    "v1a,",
    "v1=",
    "t=",
    "v0=",
    "sha256=",
    "Bearer ",
    "Basic ",
    ",",
    " ",
    "=",
    ".",
    "é",
    "\0",
    "\ud800",
)
times = ("1800000000", "1800000000000", "2027-01-15T08:00:00Z")
signatures = ("A" * 43 + "=", "0" * 64, "e30")
lookalikes = st.lists(st.sampled_from([*prefixes, *times, *signatures]), max_size=8).map("".join)
values = (
    st.text()
    | lookalikes
    | st.text(st.characters(codec="ascii"))
    | st.binary().map(lambda b: b.decode("latin-1"))
)
anything = st.characters(exclude_categories=())


@pytest.mark.parametrize("preset", SENDERS)
@given(data=st.data(), body=st.binary())
@quickly
def test_any_headers_and_any_body_are_refused(preset: str, data: st.DataObject, body: bytes) -> None:
    sender = SENDERS[preset]
    names = headers_of(sender.scheme)
    headers = data.draw(st.dictionaries(st.sampled_from(names), values | st.text(anything)))
    with pytest.raises(SignatureRefused):
        sender.judged(Delivery("crm", headers, body))


@pytest.mark.parametrize("preset", SENDERS)
@given(data=st.data(), body=st.binary(), at=st.integers(0, 9_999_999_999))
@quickly
def test_what_is_signed_is_verified_refused_or_malformed(
    preset: str, data: st.DataObject, body: bytes, at: int
) -> None:
    sender = SENDERS[preset]
    message_id = data.draw(st.text(st.characters(codec="utf-8")))
    spoiled = data.draw(st.dictionaries(st.sampled_from(headers_of(sender.scheme)), values, max_size=1))
    with suppress(SignatureRefused, Malformed):
        verdict = sender.judged(sender.delivery(body, message_id=message_id, at=at, headers=dict(spoiled)))
        assert isinstance(verdict, Verified)


@given(header=st.binary(), claims=st.binary() | st.text().map(str.encode))
@quickly
def test_any_token_that_is_signed_is_verified_or_refused(header: bytes, claims: bytes) -> None:
    presented = token(claims, written=header or b'{"alg":"HS256"}')
    with suppress(SignatureRefused):
        SENDERS["jwt"].judged(Delivery("crm", {"authorization": f"Bearer {presented}"}, b""))


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
claimed = scalars | st.lists(scalars, max_size=3) | st.dictionaries(st.text(max_size=4), scalars, max_size=2)


@given(
    said=st.fixed_dictionaries({}, optional=dict.fromkeys(("exp", "nbf", "iat", "iss", "aud"), claimed)),
    ahead=st.integers(-200, 200),
)
@quickly
def test_claims_of_any_kind_are_verified_or_refused(said: dict[str, object], ahead: int) -> None:
    scheme = Bearer("HS256", issuer="crm", audience="us")
    right = {"exp": NOW + ahead, "iss": "crm", "aud": ["us"]}
    delivery = Delivery("crm", {"authorization": f"Bearer {token(right | said)}"}, b"")
    with suppress(SignatureRefused):
        assert judged(scheme, delivery, SECRET).claims


@pytest.mark.parametrize("preset", PRESETS)
@given(
    stored=st.text(anything)
    | st.sampled_from(["whsec_", "whpk_", "sha256:"]).flatmap(lambda p: st.text().map(p.__add__))
)
@quickly
def test_any_stored_secret_is_usable_or_a_fault(preset: str, stored: str) -> None:
    with suppress(ValueError):
        assert PRESETS[preset].scheme.keys_of(stored)
