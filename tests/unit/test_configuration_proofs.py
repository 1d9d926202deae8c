"""How the table of a source says that it proves itself."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from builders import a_source_table, faults_of, some_configuration
from cancellations.source.presets import PRESETS
from cancellations.source.proof import KeySetFile, KeySetUrl, Proof, Secret
from cancellations.source.verification import key_sets
from cancellations.source.verification.bearer import BEARER, Bearer
from cancellations.source.verification.headers import Field
from cancellations.source.verification.shared import Shared
from cancellations.source.verification.signed import Signed
from cancellations.source.verification.template import read
from configured import REQUEST, fault_of, of_source, source_in

ADDRESS = "https://hooks.example.com/v1/webhooks/acme"
ID: dict[str, object] = {**REQUEST, "event_id": "body.id"}


def of_hmac(directory: Path, **parts: object) -> Path:
    return of_source(directory, verify="hmac", request=ID, hmac=parts)


def of_jwt(directory: Path, **parts: object) -> Path:
    """With a secret where the key is a shared one."""
    secret = "acme" if parts.get("algorithm", "HS256") == "HS256" else None
    return of_source(directory, verify="jwt", secret=secret, jwt=parts)


def proof_in(directory: Path) -> Proof:
    proof = source_in(directory).proof
    assert proof
    return proof


# ── Presets ───────────────────────────────────────────────────────────────────────────────────────

PLAIN = [name for name in PRESETS if name not in ("hmac", "hubspot", "square", "prevail-postback")]


@pytest.mark.parametrize("preset", PLAIN)
def test_a_preset_is_its_own_scheme_with_the_sources_secret(tmp_path: Path, preset: str) -> None:
    assert proof_in(of_source(tmp_path, verify=preset)) == Proof(PRESETS[preset].scheme, Secret("acme"))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_needs_the_name_of_a_secret(tmp_path: Path, preset: str) -> None:
    directory = of_source(
        tmp_path, verify=preset, secret=None, public_url=ADDRESS, hmac={}, request=ID, handshake=True
    )
    assert [line for line in faults_of(directory) if "[acme] secret is missing; it is the secret's" in line]


@pytest.mark.parametrize("preset", ["hubspot", "square"])
def test_where_the_address_is_signed_the_configuration_says_it(tmp_path: Path, preset: str) -> None:
    request = {"remote_session_id": "item.objectId" if preset == "hubspot" else "body.session"}
    scheme = proof_in(of_source(tmp_path, verify=preset, public_url=ADDRESS, request=request)).scheme
    assert isinstance(scheme, Signed)
    assert scheme.url == ADDRESS


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        (None, "is missing; it is the address that the sender posts to; it is part of what is signed"),
        ("http://hooks.example.com/v1", "is not https; "),
        ("https://hooks.example.com:8443/v1", "has port 8443; leave the port out"),
        ("https://hooks.example.com/v1#x", "has a fragment (# at position 29); "),
        ("https://hooks.example.com/a/../v1", "has the segment '..' in its path; "),
        ("https://10.0.0.5/v1", "has an IP address as its host; write a host name"),
    ],
)
def test_an_address_that_could_be_another_is_a_fault(tmp_path: Path, url: str | None, fault: str) -> None:
    directory = of_source(tmp_path, verify="square", public_url=url)
    assert fault_of(directory).startswith(f"sources.toml: [acme] public_url {fault}")


@pytest.mark.parametrize("preset", ["github", "standard-webhooks", "jwt"])
def test_an_address_is_not_known_where_none_is_signed(tmp_path: Path, preset: str) -> None:
    fault = fault_of(of_source(tmp_path, verify=preset, public_url=ADDRESS))
    assert fault.startswith("sources.toml: [acme] public_url is not known here; ")


def test_two_sources_with_one_secret_are_a_fault_whatever_their_schemes(tmp_path: Path) -> None:
    tables = {"a": a_source_table(), "b": a_source_table(verify="api-key")}
    assert fault_of(some_configuration(tmp_path, sources=tables)) == (
        'sources.toml: [b] secret is also that of "a"; give each source a secret of its own'
    )


# ── API keys ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("header", "name"), [(None, "x-api-key"), ("x-acme-key", "x-acme-key")])
def test_an_api_key_comes_in_a_header_of_any_name(tmp_path: Path, header: str | None, name: str) -> None:
    proof = proof_in(of_source(tmp_path, verify="api-key", header=header))
    assert proof == Proof(Shared(Field(name)), Secret("acme"))


@pytest.mark.parametrize("header", ["X-Key", "x key", "x-key:", "", "é", "x" * 65])
def test_a_header_that_no_delivery_could_have_is_a_fault(tmp_path: Path, header: str) -> None:
    directory = of_source(tmp_path, verify="api-key", header=header)
    assert fault_of(directory).startswith("sources.toml: [acme] header is ")


# ── hmac ──────────────────────────────────────────────────────────────────────────────────────────

WHOLE = Signed(
    read("{id}.{timestamp}.{url}.{body}"),
    Field("x-sig", ("v1=",), ","),
    encoding="base64",
    key="hex",
    digest="sha512",
    id=Field("x-id"),
    timestamp=Field("x-time"),
    unit="ms",
    tolerance_s=60,
    url=ADDRESS,
)


PARTS: dict[str, object] = {
    "signed": "{id}.{timestamp}.{url}.{body}",
    "header": "x-sig",
    "prefix": "v1=",
    "separator": ",",
    "encoding": "base64",
    "key": "hex",
    "digest": "sha512",
    "id_header": "x-id",
    "timestamp_header": "x-time",
    "timestamp_unit": "ms",
    "tolerance_s": 60,
}


def test_a_signature_of_any_other_kind_is_told_by_its_parts(tmp_path: Path) -> None:
    directory = of_source(tmp_path, verify="hmac", request=ID, hmac=PARTS, public_url=ADDRESS)
    assert proof_in(directory) == Proof(WHOLE, Secret("acme"))


@pytest.mark.parametrize("encoding", ["hex", "hex-upper", "base64", "base64url"])
def test_a_signature_may_be_written_in_each_encoding(tmp_path: Path, encoding: str) -> None:
    scheme = proof_in(of_hmac(tmp_path, encoding=encoding)).scheme
    assert isinstance(scheme, Signed)
    assert scheme.encoding == encoding


def test_a_signature_of_which_nothing_is_told_is_hexadecimal_over_the_body(tmp_path: Path) -> None:
    assert proof_in(of_hmac(tmp_path)).scheme == Signed(read("{body}"), Field("x-signature"))


def test_a_timestamp_may_stand_beside_the_signature(tmp_path: Path) -> None:
    directory = of_hmac(
        tmp_path,
        signed="{timestamp}.{body}",
        header="x-sig",
        prefix="v1=",
        separator=",",
        timestamp_prefix="t=",
    )
    assert proof_in(directory).scheme == Signed(
        read("{timestamp}.{body}"), Field("x-sig", ("v1=",), ","), timestamp=Field("x-sig", ("t=",), ",")
    )


def test_a_signature_without_its_parts_is_one_fault(tmp_path: Path) -> None:
    assert fault_of(of_source(tmp_path, verify="hmac", request=ID)) == (
        "sources.toml: [acme] hmac is missing; it is what is signed and where the signature is"
    )


STAMPED = {"signed": "{timestamp}.{body}", "timestamp_header": "x-time"}


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"signed": "{timestamp}"}, "signed must contain {body} once, or the body would not be signed; "),
        ({"signed": "{nonce}.{body}"}, "signed knows no {nonce}; "),
        ({"signed": "{body"}, "signed has a brace that is not closed or not opened; "),
        ({"signed": "{id}{body}"}, "signed needs a sign between {id} and its neighbour"),
        ({"signed": "{timestamp}.{body}"}, "timestamp_header is missing; it is the name of a header"),
        ({"signed": "{id}.{body}"}, "id_header is missing; it is the name of a header"),
        ({"timestamp_header": "x-time"}, "timestamp_header is not known here; "),
        ({"id_header": "x-id"}, "id_header is not known here; "),
        ({"header": "X-Sig"}, "header is no header's name in lower case; "),
        ({"separator": "."}, "separator has characters that are not allowed or is too long; "),
        ({"prefix": "v\n"}, "prefix has characters that are not allowed or is too long; "),
        ({"encoding": "base32"}, "encoding is 'base32'; did you mean 'base64'?"),
        ({"encoding": "HEX"}, "encoding is 'HEX'; choose one of: hex, hex-upper, base64, base64url"),
        ({"key": "whsec"}, "key is 'whsec'; choose one of: text, base64, hex, standard"),
        ({"digest": "sha1"}, "digest is 'sha1'; "),
        ({**STAMPED, "timestamp_unit": "us"}, "timestamp_unit is 'us'; "),
        ({**STAMPED, "tolerance_s": 0}, "tolerance_s is not a whole number in its bounds; write one from 1"),
        (
            {**STAMPED, "tolerance_s": 901},
            "tolerance_s is not a whole number in its bounds; write one from 1",
        ),
        ({**STAMPED, "tolerance_s": True}, "tolerance_s is not a whole number in its bounds; write one"),
        ({**STAMPED, "tolerance_s": 60.5}, "tolerance_s is not a whole number in its bounds; write one"),
        ({"algorithm": "sha256"}, "algorithm is not known here; "),
    ],
)
def test_a_part_that_could_not_work_is_a_fault(tmp_path: Path, parts: dict[str, object], fault: str) -> None:
    assert fault_of(of_hmac(tmp_path, **parts)).startswith(f"sources.toml: [acme.hmac] {fault}")


def test_a_template_with_the_address_needs_the_address(tmp_path: Path) -> None:
    fault = fault_of(of_hmac(tmp_path, signed="{url}{body}"))
    assert fault.startswith("sources.toml: [acme] public_url is missing; ")


# ── Tokens ────────────────────────────────────────────────────────────────────────────────────────


def a_key_set() -> str:
    """A public key for each algorithm, as their owners publish them."""
    keys: list[dict[str, Any]] = [
        RSAAlgorithm.to_jwk(generate_rsa(65537, 2048).public_key(), as_dict=True),
        ECAlgorithm.to_jwk(generate_ec(SECP256R1()).public_key(), as_dict=True),
        OKPAlgorithm.to_jwk(Ed25519PrivateKey.generate().public_key(), as_dict=True),
    ]
    return json.dumps({"keys": [{**key, "kid": str(place)} for place, key in enumerate(keys)]})


@pytest.fixture(scope="module")
def key_set() -> str:
    return a_key_set()


def test_a_token_of_which_nothing_is_told_is_signed_with_the_sources_secret(tmp_path: Path) -> None:
    proof = proof_in(of_source(tmp_path, verify="jwt"))
    assert proof == Proof(Bearer("HS256", BEARER), Secret("acme"))


def test_a_token_may_be_for_one_audience_of_one_issuer_in_another_header(tmp_path: Path) -> None:
    directory = of_jwt(tmp_path, issuer="crm", audience="cancellations", header="x-token")
    assert proof_in(directory).scheme == Bearer(
        "HS256", Field("x-token", scheme="bearer"), "crm", "cancellations"
    )


def test_a_postback_is_a_token_in_the_body(tmp_path: Path) -> None:
    directory = of_source(tmp_path, verify="prevail-postback", request=ID, jwt={"issuer": "prevail"})
    assert proof_in(directory).scheme == Bearer("HS256", None, "prevail")


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_public_keys_may_stand_beside_the_configuration(tmp_path: Path, algorithm: str, key_set: str) -> None:
    tmp_path.joinpath("keys.json").write_text(key_set, encoding="utf-8")
    proof = proof_in(of_jwt(tmp_path, algorithm=algorithm, jwks="keys.json"))
    assert proof == Proof(Bearer(algorithm), KeySetFile(key_set))  # type: ignore[arg-type]  # by its name


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example.com/.well-known/jwks.json",
        "https://login.example.com:443/discovery/v2.0/keys?appid=66666666-7777-8888-9999-000000000000",
    ],
)
def test_public_keys_may_be_fetched_from_the_one_address_that_is_configured(tmp_path: Path, url: str) -> None:
    assert proof_in(of_jwt(tmp_path, algorithm="RS256", jwks_url=url)).keys == KeySetUrl(url)


def test_whoever_verifies_nothing_reads_public_keys_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key_set: str
) -> None:
    monkeypatch.setattr(key_sets, "algorithms", dict)
    tmp_path.joinpath("keys.json").write_text(key_set, encoding="utf-8")
    assert proof_in(of_jwt(tmp_path, algorithm="RS256", jwks="keys.json")).keys == KeySetFile(key_set)


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"issuer": ""}, "issuer is empty; it is the token's iss"),
        ({"audience": 1}, "audience is not a text; it is the token's aud"),
        ({"header": "Authorization"}, "header is no header's name in lower case; "),
        ({"jwks": "keys.json"}, "jwks is not known here; "),
        ({"leeway": 60}, "leeway is not known here; "),
    ],
)
def test_a_part_of_a_token_that_could_not_work_is_a_fault(
    tmp_path: Path, parts: dict[str, object], fault: str
) -> None:
    assert fault_of(of_jwt(tmp_path, **parts)).startswith(f"sources.toml: [acme.jwt] {fault}")


@pytest.mark.parametrize("algorithm", ["none", "None", "HS512", "PS256", "hs256", "x"])
def test_an_algorithm_that_is_not_offered_is_a_fault(tmp_path: Path, algorithm: str) -> None:
    fault = fault_of(of_source(tmp_path, verify="jwt", jwt={"algorithm": algorithm}))
    assert fault.startswith(f"sources.toml: [acme.jwt] algorithm is '{algorithm}'; ")


def test_a_byte_order_mark_before_public_keys_is_skipped(tmp_path: Path, key_set: str) -> None:
    tmp_path.joinpath("keys.json").write_text("\ufeff" + key_set, encoding="utf-8")
    assert proof_in(of_jwt(tmp_path, algorithm="RS256", jwks="keys.json")).keys == KeySetFile(key_set)


def test_public_keys_in_utf_16_are_a_fault_of_their_file(tmp_path: Path, key_set: str) -> None:
    tmp_path.joinpath("keys.json").write_text(key_set, encoding="utf-16")
    (fault,) = faults_of(of_jwt(tmp_path, algorithm="RS256", jwks="keys.json"))
    assert fault.startswith("keys.json is UTF-16, or not a text; save it as UTF-8")


PRIVATE = json.dumps({"keys": [{"kty": "RSA", "n": "AQ", "e": "AQAB", "d": "hushhush"}]})


@pytest.mark.parametrize(
    ("parts", "written", "fault"),
    [
        ({}, None, "jwks is missing; it is a file of public keys"),
        (
            {"jwks": "keys.json"},
            None,
            "jwks names 'keys.json', which is missing; put the file beside this one",
        ),
        ({"jwks": "../keys.json"}, None, "jwks is not the name of a file in the same folder; "),
        ({"jwks": "keys.json"}, "[]", "jwks has no key for RS256; "),
        ({"jwks": "keys.json"}, "{", "jwks is not a key set: "),
        (
            {"jwks": "keys.json"},
            PRIVATE,
            "jwks has a private key; replace that key, and publish its public part only; ",
        ),
        ({"jwks_url": "http://login.example.com/keys"}, None, "jwks_url is not https; "),
        ({"jwks_url": "https://169.254.169.254/keys"}, None, "jwks_url has an IP address as its host; "),
        ({"jwks_url": "https://login.example.com:22/a"}, None, "jwks_url has port 22; leave the port out"),
    ],
)
def test_public_keys_that_cannot_be_used_are_a_fault(
    tmp_path: Path, parts: dict[str, object], written: str | None, fault: str
) -> None:
    if written is not None:
        tmp_path.joinpath("keys.json").write_text(written, encoding="utf-8")
    found = fault_of(of_jwt(tmp_path, algorithm="RS256", **parts))
    assert found.startswith(f"sources.toml: [acme.jwt] {fault}")
    assert "hushhush" not in found


def test_a_secret_is_not_known_where_the_keys_are_public(tmp_path: Path, key_set: str) -> None:
    tmp_path.joinpath("keys.json").write_text(key_set, encoding="utf-8")
    parts = {"algorithm": "RS256", "jwks": "keys.json"}
    fault = fault_of(of_source(tmp_path, verify="jwt", secret="acme", jwt=parts))
    assert fault.startswith("sources.toml: [acme] secret is not known here; ")


def test_a_text_in_place_of_the_parts_of_a_token_is_one_fault(tmp_path: Path) -> None:
    assert fault_of(of_source(tmp_path, verify="jwt", jwt="HS256")) == (
        "sources.toml: acme.jwt is not a table; write [acme.jwt] on a line of its own"
    )
