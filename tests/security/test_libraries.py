"""Vendors' own libraries and ours: what one signs the other believes, and of what was changed both refuse the same."""

import base64
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cancellations.source.verification.keys import HmacKey
from cancellations.source.verification.signed import Signed
from security.official import LIBRARIES, Headers, Library
from signing import BODY, SENDERS

SIGNING = [name for name, library in LIBRARIES.items() if library.signs]

ids = st.text(st.sampled_from("abcXYZ019_-"), min_size=1, max_size=40)
bodies = st.text(max_size=200)
off = st.integers(-200, 200)
often = settings(max_examples=150, deadline=None)
seldom = settings(max_examples=40, deadline=None)


def secrets(preset: str) -> st.SearchStrategy[str]:
    if preset in ("standard-webhooks", "svix"):
        return st.binary(min_size=24, max_size=64).map(lambda key: "whsec_" + base64.b64encode(key).decode())
    return st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=32, max_size=80).filter(
        lambda secret: not secret.startswith(("whpk_", "whsk_", "{", "["))
    )


def signed(library: Library, secret: str, message_id: str, body: str, at: int) -> Headers:
    """By the library, or by our tests' own code where it only verifies."""
    if library.signs:
        return library.signs(secret, message_id, at, body)
    return dict(SENDERS[library.preset].delivery(body.encode(), at=at, secret=secret).headers)


@pytest.mark.parametrize("preset", SIGNING)
@given(data=st.data(), message_id=ids, body=bodies, off=off)
@seldom
def test_what_the_library_signs_verifies_here(
    preset: str, data: st.DataObject, message_id: str, body: str, off: int
) -> None:
    library, secret = LIBRARIES[preset], data.draw(secrets(preset))
    headers = signed(library, secret, message_id, body, int(time.time()) + off)
    assert library.ours(headers, body.encode(), secret)


@pytest.mark.parametrize("preset", LIBRARIES)
@given(data=st.data(), message_id=ids, body=st.text(min_size=1, max_size=200), off=off)
@seldom
def test_the_library_believes_what_is_signed_here(
    preset: str, data: st.DataObject, message_id: str, body: str, off: int
) -> None:
    """By the product's own `sign`, which the workbench sends with."""
    library, secret = LIBRARIES[preset], data.draw(secrets(preset))
    at, sender = time.time() + off, SENDERS[preset]
    scheme = sender.scheme
    assert isinstance(scheme, Signed)
    [key] = scheme.keys_of(secret)
    assert isinstance(key, HmacKey)
    headers = dict(sender.delivery(body.encode(), message_id=message_id, at=at, secret=secret).headers)
    mac = scheme.sign(key, body.encode(), at, message_id)
    assert headers[scheme.signature.header].endswith(mac)
    assert library.verdict(headers, body.encode(), secret)


@pytest.mark.parametrize("preset", LIBRARIES)
@given(data=st.data(), message_id=ids, body=st.text(min_size=1, max_size=60), off=off)
@seldom
def test_both_refuse_what_another_secret_has_signed(
    preset: str, data: st.DataObject, message_id: str, body: str, off: int
) -> None:
    library, one, other = LIBRARIES[preset], data.draw(secrets(preset)), data.draw(secrets(preset))
    assume(one != other)
    headers = signed(library, one, message_id, body, int(time.time()) + off)
    assert (
        library.ours(headers, body.encode(), other) is library.verdict(headers, body.encode(), other) is False
    )


# ── One byte changed ──────────────────────────────────────────────────────────────────────────────

places = st.floats(0, 1, exclude_max=True)
signs = st.characters(min_codepoint=1, max_codepoint=0xFF)
ways = st.sampled_from(["replaced", "put-in", "taken-out", "doubled"])


def tampered(text: str, place: float, sign: str, way: str) -> str:
    at = int(place * len(text))
    match way:
        case "replaced":
            return text[:at] + sign + text[at + 1 :]
        case "put-in":
            return text[:at] + sign + text[at:]
        case "doubled":
            return text[:at] + text[at : at + 1] * 2 + text[at + 1 :]
    return text[:at] + text[at + 1 :]


@pytest.mark.parametrize("preset", LIBRARIES)
@given(body=st.text(min_size=1, max_size=60), place=places, sign=signs, way=ways)
@often
def test_both_say_the_same_of_a_body_of_which_one_sign_was_changed(
    preset: str, body: str, place: float, sign: str, way: str
) -> None:
    library = LIBRARIES[preset]
    headers = signed(library, library.secret, "msg_1", body, int(time.time()))
    changed = tampered(body, place, sign, way)
    assume(changed)  # Square's library refuses an empty body, signed or not
    assert library.ours(headers, changed.encode()) is library.verdict(headers, changed.encode())


@pytest.mark.parametrize("preset", LIBRARIES)
@given(place=places, sign=signs, way=ways, data=st.data())
@often
def test_of_a_header_of_which_one_sign_was_changed_they_differ_where_theirs_is_lenient_only(
    preset: str, place: float, sign: str, way: str, data: st.DataObject
) -> None:
    """Each leniency has its line in test_libraries_lenient.py, and so has what they refuse by accident."""
    library = LIBRARIES[preset]
    headers = signed(library, library.secret, "msg_1", BODY.decode(), int(time.time()))
    name = data.draw(st.sampled_from(sorted(headers)))
    changed = {**headers, name: tampered(headers[name], place, sign, way)}
    ours, theirs = library.ours(changed, BODY), library.verdict(changed, BODY)
    if ours and not theirs:  # ValueError for an empty item beside the right one
        assert headers[name] in changed[name].split(" ")
    if theirs and not ours:
        assert lenient(preset, headers[name], changed[name])


def lenient(preset: str, right: str, changed: str) -> bool:
    """Whether their reader, and no strict one, takes one for the other."""
    if (
        right.isdecimal()
    ):  # float() and int(): blanks, signs, underscores, fractions, zeros, digits of any alphabet
        try:
            return int(float(changed)) == int(right) and changed != right
        except ValueError:
            return False
    if preset in ("standard-webhooks", "svix"):  # base64 with other signs in it, or bits that say nothing
        version, _, signature = changed.partition(",")
        return version == "v1" and base64.b64decode(signature) == base64.b64decode(right.removeprefix("v1,"))
    if preset == "stripe":  # `t=` by int(); what follows a second `=`
        at, signature = (item.split("=")[1] for item in right.split(","))
        items = [item.split("=") for item in changed.split(",")]
        times = [item[1] for item in items if item[0] == "t"]
        signatures = [item[1] for item in items if item[0] == "v1"]
        return int(times[0]) == int(at) and signature in signatures
    return False
