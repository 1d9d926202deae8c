"""Every preset that signs, by the same facts; what is a scheme's own stands in test_verification_presets.py."""

import base64
import hmac
from dataclasses import replace

import pytest

from cancellations.domain import Delivery
from cancellations.errors import Malformed, SignatureRefused
from cancellations.source.verification import Verified
from cancellations.source.verification.headers import MAX_VALUES, Field
from cancellations.source.verification.keys import DIGESTS, Digest, Encoding, HmacKey
from cancellations.source.verification.signed import Signed
from cancellations.source.verification.template import Name, read
from signing import BODY, KEY, NOW, SECRET, SENDERS, STANDARD_SECRET, URL, Message, judged, signing

EVERY = signing("body")
STAMPED = signing("timestamp")
WITH_ID = signing("id")
WITH_URL = signing("url")
UNSTAMPED = sorted(set(EVERY) - set(STAMPED))

OTHER_SECRET = "whsec_" + base64.b64encode(KEY[::-1]).decode()
STANDARD = SENDERS["standard-webhooks"]


def scheme_of(name: str) -> Signed:
    scheme = SENDERS[name].scheme
    assert isinstance(scheme, Signed)
    return scheme


def refused(name: str, delivery: Delivery, *secrets: str, now: float = NOW) -> None:
    with pytest.raises(SignatureRefused):
        SENDERS[name].judged(delivery, *secrets, now=now)


# ── What is signed ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    "body", [BODY, b"", bytes(range(256)), b"x" * 256 * 1024], ids=["json", "0", "any", "256K"]
)
def test_what_a_sender_signs_verifies(name: str, body: bytes) -> None:
    assert SENDERS[name].judged(SENDERS[name].delivery(body)).matched == 0


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY + b" ",
        BODY[:-1],
        BODY.replace(b",", b", "),
        BODY.replace(b"evt_1", b"evt_2"),
        b"\xef\xbb\xbf" + BODY,
    ],
    ids=["dropped", "longer", "shorter", "written-anew", "other", "bom"],
)
def test_another_body_is_refused(name: str, body: bytes) -> None:
    refused(name, replace(SENDERS[name].delivery(), body=body))


@pytest.mark.parametrize("name", EVERY)
def test_another_secret_is_refused(name: str) -> None:
    refused(name, SENDERS[name].delivery(secret=OTHER_SECRET))


@pytest.mark.parametrize("name", STAMPED)
def test_another_time_is_refused_though_it_is_within_the_tolerance(name: str) -> None:
    now, later = SENDERS[name].delivery().headers, SENDERS[name].delivery(at=NOW + 1).headers
    signature = scheme_of(name).signature.header
    timestamp = scheme_of(name).timestamp
    assert timestamp is not None
    if timestamp.header == signature:
        mixed = {signature: f"{later[signature].partition(',')[0]},{now[signature].partition(',')[2]}"}
    else:
        mixed = {**now, timestamp.header: later[timestamp.header]}
    refused(name, Delivery("crm", mixed, BODY))


@pytest.mark.parametrize("name", WITH_ID)
def test_another_id_is_refused(name: str) -> None:
    refused(name, SENDERS[name].delivery(headers={f"{_prefix(name)}-id": "msg_2"}))


@pytest.mark.parametrize("name", WITH_URL)
@pytest.mark.parametrize("url", [URL + "/", URL.replace("https", "http"), URL.upper(), URL + "?a=1", ""])
def test_another_address_is_refused(name: str, url: str) -> None:
    with pytest.raises(SignatureRefused):
        judged(replace(scheme_of(name), url=url), SENDERS[name].delivery(), SECRET)


@pytest.mark.parametrize("name", WITH_URL)
def test_the_address_is_never_taken_from_a_header(name: str) -> None:
    """`host` and its kin are the sender's to choose."""
    said = dict.fromkeys(
        ("host", "x-forwarded-host", "x-forwarded-proto", "forwarded", "x-original-url"), URL
    )
    with pytest.raises(SignatureRefused):
        judged(replace(scheme_of(name), url=""), SENDERS[name].delivery(headers=said), SECRET)


# ── Spellings of the signature ────────────────────────────────────────────────────────────────────


def _prefix(name: str) -> str:
    return scheme_of(name).signature.header.removesuffix("-signature")


def respelled(name: str) -> dict[str, str]:
    """The right signature, as a lenient reader would take it too."""
    header = scheme_of(name).signature.header
    right = SENDERS[name].delivery().headers[header]
    before = right[: right.rindex(_bare(name))]
    bare = _bare(name)
    found = {
        "blank-before": f"{before} {bare}",
        "line-end": f"{right}\n",
        "tab": f"{right}\t",
        "nul": f"{right}\0",
        "quoted": f'{before}"{bare}"',
        "longer": f"{right}0",
        "shorter": right[:-1],
        "half": before + bare[: len(bare) // 2],
        "nothing": before,
    }
    if scheme_of(name).encoding == "hex":
        return found | {
            "upper-case": before + bare.upper(),
            "0x": f"{before}0x{bare}",
            "base64": before + base64.b64encode(bytes.fromhex(bare)).decode(),
        }
    return found | {
        "no-padding": right.rstrip("="),
        "more-padding": right + "=",
        "junk-inside": f"{before}{bare[:10]}$${bare[10:]}",
        "line-end-inside": f"{before}{bare[:10]}\n{bare[10:]}",
        "trailing-bits": before + _with_trailing_bits(bare),
        "url-alphabet": before + bare.replace("+", "-").replace("/", "_"),
        "hex": before + base64.b64decode(bare).hex(),
    }


def _bare(name: str) -> str:
    [key] = scheme_of(name).keys_of(SENDERS[name].secret)
    assert isinstance(key, HmacKey)
    mac = scheme_of(name).sign(key, BODY, NOW, "msg_1")
    return mac.removeprefix(key.marker)


def _with_trailing_bits(bare: str) -> str:
    """Another spelling of the same 32 bytes: the last sign before the padding carries two bits of nothing."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = bare[:-2] + alphabet[alphabet.index(bare[-2]) + 1] + "="
    assert base64.b64decode(other) == base64.b64decode(bare)
    return other


SPELLINGS = [
    pytest.param(name, header, id=f"{name}-{how}")
    for name in EVERY
    for how, header in respelled(name).items()
    if header != SENDERS[name].delivery().headers[scheme_of(name).signature.header]
]


@pytest.mark.parametrize(("name", "header"), SPELLINGS)
def test_another_spelling_of_the_right_signature_is_refused(name: str, header: str) -> None:
    refused(name, SENDERS[name].delivery(headers={scheme_of(name).signature.header: header}))


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    "header", [None, "", " ", ",", "=", "v1", "v1=", "v1,", "sha256=", "t=,v1=", "é", "v1,\ud800"]
)
def test_a_missing_or_malformed_signature_is_refused(name: str, header: str | None) -> None:
    refused(name, SENDERS[name].delivery(headers={scheme_of(name).signature.header: header}))


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("digest", ["sha1", "md5", "sha512"])
def test_a_mac_by_another_digest_is_refused(name: str, digest: str) -> None:
    headers = SENDERS[name].headers(Message(SENDERS[name].secret, BODY, digest=digest))
    refused(name, SENDERS[name].delivery(headers=dict(headers)))


# ── Encodings that no preset has ──────────────────────────────────────────────────────────────────


def written(encoding: Encoding, digest: Digest = "sha256") -> tuple[Signed, str]:
    """A scheme of one's own, and the right signature of BODY."""
    scheme = Signed(read("{body}"), Field("x-signature"), encoding=encoding, digest=digest)
    return scheme, scheme.sign(HmacKey(SECRET.encode(), digest=digest), BODY, NOW)


def of_ones_own(scheme: Signed, signature: str) -> Verified:
    return judged(scheme, Delivery("crm", {"x-signature": signature}, BODY), SECRET)


@pytest.mark.parametrize("digest", DIGESTS)
def test_base64url_verifies_with_and_without_padding(digest: Digest) -> None:
    scheme, bare = written("base64url", digest)
    mac = hmac.digest(SECRET.encode(), BODY, digest)
    assert {bare, base64.urlsafe_b64encode(mac).decode()} == {bare, bare + "=" * (-len(bare) % 4)}
    assert of_ones_own(scheme, bare)
    assert of_ones_own(scheme, bare + "=" * (-len(bare) % 4))


@pytest.mark.parametrize("digest", DIGESTS)
def test_base64url_in_another_spelling_is_refused(digest: Digest) -> None:
    scheme, bare = written("base64url", digest)
    padding = "=" * (-len(bare) % 4)
    others = [
        bare + padding + "=",
        bare + padding * 2,
        bare[:-1],
        bare + "\n",
        f" {bare}",
        bare[:9] + "$" + bare[9:],
    ]
    others += [bare.replace("-", "+").replace("_", "/"), bare[:-1] + chr(ord(bare[-1]) + 1), bare + "A", ""]
    for other in others:
        if other != bare:
            with pytest.raises(SignatureRefused):
                of_ones_own(scheme, other)


def test_upper_case_digits_verify_where_they_are_configured() -> None:
    scheme, upper = written("hex-upper")
    assert upper == upper.upper() != upper.lower()
    assert of_ones_own(scheme, upper)
    for other in (upper.lower(), upper.swapcase(), upper[:-1], f"0X{upper}", upper[:10].lower() + upper[10:]):
        with pytest.raises(SignatureRefused):
            of_ones_own(scheme, other)


# ── Lists of signatures ───────────────────────────────────────────────────────────────────────────

WRONG = "v1," + base64.b64encode(bytes(32)).decode()


def listed(*signatures: str) -> Delivery:
    return STANDARD.delivery(headers={"webhook-signature": " ".join(signatures)})


def right() -> str:
    return STANDARD.delivery().headers["webhook-signature"]


def test_one_right_signature_in_a_list_is_enough() -> None:
    STANDARD.judged(listed("v1a,AAAA", "v2,x", WRONG, right(), "broken", ","))


def test_the_last_signature_that_is_looked_at_counts() -> None:
    STANDARD.judged(listed(*[WRONG] * (MAX_VALUES - 1), right()))


def test_a_signature_behind_the_tenth_does_not_count() -> None:
    refused("standard-webhooks", listed(*[WRONG] * MAX_VALUES, right()))


def test_a_thousand_signatures_are_refused_even_if_the_first_is_right() -> None:
    refused("standard-webhooks", listed(right(), *[WRONG] * 999))


@pytest.mark.parametrize("joined", [",", "\t", ";", ", ", "\n"])
def test_signatures_joined_by_another_sign_are_refused(joined: str) -> None:
    header = {"webhook-signature": f"{WRONG}{joined}{right()}{joined}{WRONG}"}
    refused("standard-webhooks", STANDARD.delivery(headers=header))


# ── Times ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", STAMPED)
@pytest.mark.parametrize("off", [-300, 300])
def test_a_time_within_the_tolerance_verifies(name: str, off: int) -> None:
    SENDERS[name].judged(SENDERS[name].delivery(at=NOW + off))


@pytest.mark.parametrize("name", STAMPED)
@pytest.mark.parametrize("off", [-301, 301, -31_536_000, 31_536_000])
def test_a_time_outside_the_tolerance_is_refused_though_it_is_signed(name: str, off: int) -> None:
    refused(name, SENDERS[name].delivery(at=NOW + off))


@pytest.mark.parametrize("name", STAMPED)
def test_a_tolerance_of_its_own_counts(name: str) -> None:
    short = replace(scheme_of(name), tolerance_s=10)
    secret = SENDERS[name].secret
    judged(short, SENDERS[name].delivery(at=NOW - 10), secret)
    with pytest.raises(SignatureRefused):
        judged(short, SENDERS[name].delivery(at=NOW - 11), secret)


@pytest.mark.parametrize("name", UNSTAMPED)
def test_where_no_time_is_signed_a_delivery_never_grows_old(name: str) -> None:
    SENDERS[name].judged(SENDERS[name].delivery(at=0))


@pytest.mark.parametrize("name", STAMPED)
def test_a_delivery_without_a_time_is_refused(name: str) -> None:
    timestamp = scheme_of(name).timestamp
    assert timestamp is not None
    header = SENDERS[name].delivery().headers[timestamp.header]
    without = header.partition(",")[2] or None
    refused(name, SENDERS[name].delivery(headers={timestamp.header: without}))


@pytest.mark.parametrize(
    "spelling", ["1800000000.0", " 1800000000", "+1800000000", "1_800_000_000", "\u0661" * 10]
)
@pytest.mark.parametrize("name", ["standard-webhooks", "slack", "stripe"])
def test_a_time_in_another_spelling_is_refused_though_it_is_signed(name: str, spelling: str) -> None:
    scheme = scheme_of(name)
    [key] = scheme.keys_of(SENDERS[name].secret)
    assert isinstance(key, HmacKey)
    assert scheme.timestamp is not None
    values: dict[Name, bytes] = {"id": b"msg_1", "timestamp": spelling.encode(), "body": BODY}
    mac = scheme.signature.prefixes[0] + key.mac(scheme.template.filled(values), scheme.encoding)
    together = scheme.timestamp.header == scheme.signature.header
    headers = {scheme.signature.header: mac, scheme.timestamp.header: spelling}
    if together:
        headers = {scheme.signature.header: f"t={spelling},{mac}"}
    refused(name, SENDERS[name].delivery(headers=dict(headers)))


def test_two_times_in_one_header_are_refused() -> None:
    header = SENDERS["stripe"].delivery().headers["stripe-signature"]
    refused("stripe", SENDERS["stripe"].delivery(headers={"stripe-signature": f"t=1800000000,{header}"}))


# ── Ids ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", WITH_ID)
@pytest.mark.parametrize("message_id", ["", "msg_é", "m" * 8193])
def test_an_id_that_is_empty_endless_or_not_ascii_is_refused_though_it_is_signed(
    name: str, message_id: str
) -> None:
    refused(name, SENDERS[name].delivery(message_id=message_id))


@pytest.mark.parametrize("name", WITH_ID)
@pytest.mark.parametrize("message_id", ["msg.1", ".", "msg_1.1800000000", "msg\x001", "msg\t1"])
def test_an_id_that_could_lend_its_tail_to_the_body_is_malformed(name: str, message_id: str) -> None:
    with pytest.raises(Malformed):
        SENDERS[name].judged(SENDERS[name].delivery(message_id=message_id))


@pytest.mark.parametrize("name", WITH_ID)
def test_a_dotted_id_that_nobody_signed_is_refused_like_any_other(name: str) -> None:
    refused(name, SENDERS[name].delivery(message_id="msg.1", secret=OTHER_SECRET))


def test_an_id_in_a_scheme_of_ones_own_must_not_hold_the_sign_that_ends_it() -> None:
    """`a:b` with the body `c` and `a` with `b:c` sign the same bytes."""
    scheme = Signed(read("{id}:{body}"), Field("x-signature"), id=Field("x-id"))
    headers = {"x-id": "a:b", "x-signature": hmac.digest(SECRET.encode(), b"a:b:c", "sha256").hex()}
    with pytest.raises(Malformed):
        judged(scheme, Delivery("crm", headers, b"c"), SECRET)
    assert judged(scheme, Delivery("crm", {**headers, "x-id": "a"}, b"b:c"), SECRET)


# ── Several keys ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", EVERY)
def test_of_several_keys_the_one_that_fits_is_named(name: str) -> None:
    secrets = [SENDERS[name].secret, OTHER_SECRET]
    delivery = SENDERS[name].delivery()
    assert [SENDERS[name].judged(delivery, *s).matched for s in (secrets, secrets[::-1])] == [0, 1]


@pytest.mark.parametrize("name", EVERY)
def test_without_any_key_all_is_refused(name: str) -> None:
    with pytest.raises(SignatureRefused):
        scheme_of(name).verify(SENDERS[name].delivery(), (), NOW)


def test_a_public_key_beside_a_shared_one_believes_its_own_kind_only() -> None:
    public = "whpk_" + base64.b64encode(KEY).decode()
    assert STANDARD.judged(STANDARD.delivery(), public, STANDARD_SECRET).matched == 1
    refused("standard-webhooks", STANDARD.delivery(secret="whsec_" + base64.b64encode(KEY).decode()), public)
