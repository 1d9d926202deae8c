"""Sets of public keys (RFC 7517): which keys are used, for which tokens, and what makes a whole set a fault."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from cancellations.domain import Delivery
from cancellations.errors import SignatureRefused
from cancellations.source.verification import Verified
from cancellations.source.verification.bearer import ALGORITHMS, Algorithm, Bearer
from cancellations.source.verification.key_sets import MAX_TRIED, KeySet
from signing import NOW, judged, url64
from token_keys import ED25519, JWKS, P256, RSA, Jwk, key_set, made, number

PUBLIC: tuple[Algorithm, ...] = ("RS256", "ES256", "EdDSA")


def a_key(algorithm: Algorithm, **changes: object) -> Jwk:
    changed = {**JWKS[algorithm], "kid": "one", **changes}
    return {name: value for name, value in changed.items() if value is not None}


def another(kid: str | None = "two") -> Jwk:
    """A key of the same kind as ES256's, of somebody else."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    return a_key("ES256", x=number(point.x, 32), y=number(point.y, 32), kid=kid)


def tried(kid: str | None, *jwks: Jwk, algorithm: Algorithm = "ES256") -> int:
    """With how many keys a token is tried that names this key."""
    return len(KeySet(key_set(*jwks), algorithm).keys_for(kid))


def fault(algorithm: Algorithm, document: str) -> str:
    with pytest.raises(ValueError, match=r"^(is|has) ") as raised:
        Bearer(algorithm).keys_of(document)
    return str(raised.value)


def verified(presented: str, document: str) -> Verified:
    return judged(Bearer("ES256"), Delivery("crm", {"authorization": f"Bearer {presented}"}, b""), document)


def refused(presented: str, document: str) -> None:
    with pytest.raises(SignatureRefused):
        verified(presented, document)


# ── Which keys are used ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("algorithm", PUBLIC)
def test_a_key_of_the_configured_kind_is_used_and_others_are_passed_over(algorithm: Algorithm) -> None:
    strangers: list[Jwk] = [a_key(other, kid=other) for other in PUBLIC if other != algorithm]
    strangers += [{"kty": "oct", "k": "c2VjcmV0", "kid": "shared"}, {"kty": "unheard"}, {}]
    assert tried(None, *strangers, a_key(algorithm), algorithm=algorithm) == 1


@pytest.mark.parametrize(
    "changes",
    [{"use": "enc"}, {"alg": "RS512"}, {"alg": "none"}, {"alg": "HS256"}, {"crv": "P-384"}, {"kty": "ec"}],
    ids=lambda changes: "-".join(changes.values()),
)
def test_a_key_for_another_use_algorithm_or_curve_is_passed_over(changes: dict[str, str]) -> None:
    assert tried(None, another(), a_key("ES256", **changes)) == 1


@pytest.mark.parametrize(
    "changes", [{"use": "sig"}, {"alg": "ES256"}, {"key_ops": ["verify"]}, {"x5t": "abc"}]
)
def test_what_says_nothing_against_a_key_lets_it_stand(changes: dict[str, object]) -> None:
    assert tried("one", a_key("ES256", **changes)) == 1


def test_a_symmetric_key_in_a_set_never_becomes_a_secret() -> None:
    assert "no key for ES256" in fault("ES256", key_set({"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"}))


# ── The id of a key ───────────────────────────────────────────────────────────────────────────────


def test_a_token_that_names_its_key_is_verified_with_that_key() -> None:
    document = key_set(another("one"), a_key("ES256", kid="two"))
    assert verified(made("ES256", kid="two"), document)


def test_a_token_that_names_another_key_is_refused_though_one_would_fit() -> None:
    document = key_set(another("one"), a_key("ES256", kid="two"))
    refused(made("ES256", kid="one"), document)
    refused(made("ES256", kid="three"), document)


def test_a_token_without_an_id_is_tried_with_every_key() -> None:
    document = key_set(another("one"), a_key("ES256", kid="two"))
    assert verified(made("ES256"), document)


def test_a_key_without_an_id_is_tried_with_every_token() -> None:
    assert verified(made("ES256", kid="any"), key_set(a_key("ES256", kid=None)))


@pytest.mark.parametrize("kid", [1, None, ["one"], {"one": 1}, True])
def test_a_token_whose_key_id_is_no_text_is_refused(kid: object) -> None:
    refused(made("ES256", kid=kid), key_set(a_key("ES256")))
    refused(made("ES256", kid=kid), key_set(a_key("ES256", kid=None)))


def test_every_key_of_a_doubled_id_is_tried() -> None:
    document = key_set(another("one"), another("two"), a_key("ES256", kid="one"))
    assert verified(made("ES256", kid="one"), document)
    refused(made("ES256", kid="two"), document)


def test_one_key_that_is_listed_twice_is_used() -> None:
    assert verified(made("ES256", kid="one"), key_set(a_key("ES256"), another(), a_key("ES256")))


def test_keys_of_a_doubled_id_are_ten_at_most() -> None:
    many = [another("one") for _ in range(MAX_TRIED)]
    assert tried("one", *many, a_key("ES256")) == MAX_TRIED
    refused(made("ES256", kid="one"), key_set(*many, a_key("ES256")))


def test_keys_without_an_id_are_all_tried() -> None:
    document = key_set(another(None), another(None), a_key("ES256", kid=None))
    assert verified(made("ES256", kid="any"), document)


@pytest.mark.parametrize("kid", [1, True, ["one"], {}])
def test_a_key_whose_id_is_no_text_is_unusable(kid: object) -> None:
    refused(made("ES256"), key_set(a_key("ES256", kid=kid), another()))
    assert "kid that is not a text" in fault("ES256", key_set(a_key("ES256", kid=kid)))


# ── Large sets ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("keys", [26, 3_000])
def test_a_set_may_have_any_number_of_keys(keys: int) -> None:
    others = [{**another_key, "kid": f"k{place}"} for place in range(keys)]
    document = key_set(*others, a_key("ES256", kid="last"))
    assert verified(made("ES256", kid="last"), document)


another_key = another()


def test_a_token_that_names_its_key_makes_no_other_key() -> None:
    found = KeySet(key_set(*({**another_key, "kid": f"k{place}"} for place in range(100))), "ES256")
    found.keys_for("k99")
    assert sum("_made" in vars(key) for key in found.keys) == 2  # the first shows that one is usable


def test_a_token_without_an_id_is_tried_with_ten_keys() -> None:
    many = [{**another_key, "kid": f"k{place}"} for place in range(MAX_TRIED - 1)]
    last = a_key("ES256", kid="last")
    assert verified(made("ES256"), key_set(*many, last))
    refused(made("ES256"), key_set(*many, another("more"), last))


def test_keys_without_an_id_are_ten_at_most() -> None:
    many = [another(None) for _ in range(MAX_TRIED)]
    assert tried("two", *many, a_key("ES256", kid="two")) == MAX_TRIED
    assert verified(made("ES256", kid="one"), key_set(*many, a_key("ES256")))
    refused(made("ES256", kid="any"), key_set(*many, a_key("ES256", kid=None)))


def test_unusable_keys_do_not_count_among_the_ten() -> None:
    many = [a_key("ES256", kid=f"k{place}", x="AA") for place in range(50)]
    assert verified(made("ES256"), key_set(*many, a_key("ES256")))


# ── Keys that are no public keys of some strength ─────────────────────────────────────────────────


@pytest.mark.parametrize("algorithm", PUBLIC)
def test_a_private_key_in_a_set_is_a_fault(algorithm: Algorithm) -> None:
    private = {
        "RS256": number(RSA.private_numbers().d),
        "ES256": number(P256.private_numbers().private_value, 32),
        "EdDSA": url64(ED25519.private_bytes_raw()),
    }[algorithm]
    found = fault(algorithm, key_set(a_key(algorithm, d=private)))
    assert "private key" in found
    assert private not in found
    assert "private key" in fault(
        algorithm, key_set(a_key(algorithm, kid="good"), a_key(algorithm, d=private))
    )


def test_a_private_key_for_another_algorithm_is_passed_over() -> None:
    assert tried("one", a_key("ES256"), a_key("RS256", d="AQ")) == 1


WEAK = rsa.generate_private_key(65537, 1024).public_key().public_numbers()  # noqa: S505 - what is refused


@pytest.mark.parametrize(
    "bad",
    [
        a_key("ES256", kid="bad", y=number(0, 32)),
        a_key("ES256", kid="bad", x=None),
        a_key("ES256", kid=7),
        a_key("ES256", kid="bad", crv="P-521"),
        a_key("ES256", kid="bad", crv="secp256k1"),
    ],
    ids=["off-the-curve", "without-x", "number-as-kid", "other-curve", "foreign-curve"],
)
def test_a_key_that_cannot_be_used_spoils_only_itself(bad: Jwk) -> None:
    document = key_set(bad, a_key("ES256"))
    assert verified(made("ES256", kid="one"), document)
    assert verified(made("ES256"), document)
    refused(made("ES256", kid="bad"), document)


def test_a_weak_key_spoils_only_itself() -> None:
    weak = a_key("RS256", n=number(WEAK.n), kid="weak")
    assert tried("weak", weak, a_key("RS256"), algorithm="RS256") == 0
    assert tried("one", weak, a_key("RS256"), algorithm="RS256") == 1


def test_an_rsa_key_that_openssl_could_not_use_is_unusable() -> None:
    endless = a_key("RS256", n=number((1 << 20_000) + 1), kid="endless")
    assert "16384 are needed" in fault("RS256", key_set(endless))


def test_a_set_without_a_usable_key_has_the_fault_of_its_first() -> None:
    weak, malformed = a_key("RS256", n=number(WEAK.n)), a_key("RS256", kid="two", e=number(0, 3))
    assert "1024 bits" in fault("RS256", key_set(weak, malformed))
    assert "none for RS256" in fault("RS256", key_set(malformed, weak))


@pytest.mark.parametrize(("bits", "written_in"), [(1024, 128), (1024, 256), (2040, 255), (2040, 256)])
def test_an_rsa_key_of_fewer_than_2048_bits_is_a_fault_however_it_is_padded(
    bits: int, written_in: int
) -> None:
    weak = rsa.generate_private_key(65537, bits).public_key().public_numbers()
    assert "2048 to 16384 are needed" in fault("RS256", key_set(a_key("RS256", n=number(weak.n, written_in))))


@pytest.mark.parametrize("exponent", [0, 1, 2, 65536])
def test_an_rsa_exponent_that_makes_everybody_a_signer_is_a_fault(exponent: int) -> None:
    assert "none for RS256" in fault("RS256", key_set(a_key("RS256", e=number(exponent, 3))))


@pytest.mark.parametrize(
    "changes", [{"x": number(1, 32)}, {"y": number(0, 32)}, {"x": number(1, 31)}, {"y": None}]
)
def test_a_point_that_is_not_on_the_curve_is_a_fault(changes: dict[str, object]) -> None:
    assert "none for ES256" in fault("ES256", key_set(a_key("ES256", **changes)))


@pytest.mark.parametrize("algorithm", PUBLIC)
@pytest.mark.parametrize("value", [None, 1, True, "", "é", "!", [], {}, "A" * 7, "A" * 5000])
def test_a_part_that_is_nonsense_is_a_fault_or_harmless(algorithm: Algorithm, value: object) -> None:
    delivery = Delivery("crm", {"authorization": f"Bearer {made(algorithm)}"}, b"")
    for name in JWKS[algorithm]:
        try:
            keys = Bearer(algorithm).keys_of(key_set(a_key(algorithm, **{name: value})))
        except ValueError:
            continue
        with pytest.raises(SignatureRefused):
            Bearer(algorithm).verify(delivery, keys, NOW)


# ── The document ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("", id="nothing"),
        pytest.param("{}", id="no-keys"),
        pytest.param("[]", id="list"),
        pytest.param("null", id="null"),
        pytest.param('{"keys":null}', id="keys-null"),
        pytest.param('{"keys":{}}', id="keys-object"),
        pytest.param('{"keys":[]}', id="empty"),
        pytest.param('{"keys":[1,"a",null,[]]}', id="no-objects"),
        pytest.param(json.dumps(JWKS["ES256"]), id="one-key-alone"),
        pytest.param('{"keys":[],"keys":[' + json.dumps(JWKS["ES256"]) + "]}", id="keys-twice"),
        pytest.param('{"keys":[{"kty":"RSA","kty":"EC"}]}', id="kty-twice"),
        pytest.param("\ufeff" + key_set(JWKS["ES256"]), id="bom"),
        pytest.param("<html>not found</html>", id="html"),
        pytest.param("-----BEGIN PUBLIC KEY-----", id="pem"),
    ],
)
def test_what_is_no_set_of_keys_is_a_fault(document: str) -> None:
    fault("ES256", document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = ("kty", "crv", "n", "e", "x", "y", "d", "kid", "use", "alg", "key_ops")


@given(
    algorithm=st.sampled_from(ALGORITHMS), changes=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4)
)
@settings(max_examples=300, deadline=None)
def test_a_set_with_any_parts_gives_keys_or_a_fault(algorithm: Algorithm, changes: dict[str, object]) -> None:
    document = key_set({**JWKS.get(algorithm, {}), **changes})
    try:
        keys = Bearer(algorithm).keys_of(document)
    except ValueError:
        return
    assert keys
