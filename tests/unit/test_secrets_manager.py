"""Secrets Manager's refusals: which of them a person must mend, and which may pass."""

import base64
import json
from typing import TYPE_CHECKING, cast

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from builders import NOW, a_delivery, a_source, a_verify
from cancellations.adapters.aws import SecretsManager
from cancellations.adapters.keyring import MAX_AGE_S, REFRESH_FLOOR_S, KeptKeyring
from cancellations.adapters.secrets import SIGNING_SECRETS, StoredSecrets
from cancellations.configuration import Source
from cancellations.errors import SecretFault, SignatureRefused, Unavailable
from fakes import Clock

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

NAME = "prevail/sources/acme"
SAID = "User: arn:aws:sts::000000000000:assumed-role/hushhush"

MENDED: dict[str, str] = {
    "AccessDeniedException": "allow secretsmanager:GetSecretValue, and kms:Decrypt",
    "DecryptionFailure": "enable its KMS key",
    "DisabledException": "enable its KMS key",
    "KMSInvalidStateException": "enable its KMS key",
    "InvalidRequestException": "scheduled for deletion; restore it",
    "InvalidParameterException": "mend it in the configuration",
}
PASSING = (
    "InternalServiceError",
    "InternalFailure",
    "ServiceUnavailable",
    "ThrottlingException",
    "RequestTimeout",
    "ExpiredTokenException",
    "UnrecognizedClientException",
    "ANewException",
)


def refusing(error: Exception | str) -> SecretsManager:
    """Whose client raises this error, or one of this code."""

    class Client:
        def get_secret_value(self, **_asked: str) -> dict[str, str]:
            if isinstance(error, str):
                raise ClientError({"Error": {"Code": error, "Message": SAID}}, "GetSecretValue")
            raise error

    return SecretsManager(cast("SecretsManagerClient", Client()))


@pytest.mark.parametrize("code", MENDED)
def test_what_a_person_must_mend_is_a_fault_that_names_the_secret_and_says_how(code: str) -> None:
    with pytest.raises(SecretFault, match=f"^secret {NAME}: ") as fault:
        refusing(code).fetch(NAME, "AWSCURRENT")
    assert MENDED[code] in str(fault.value)
    assert "hushhush" not in str(fault.value)


@pytest.mark.parametrize("code", PASSING)
def test_what_may_pass_is_an_outage(code: str) -> None:
    with pytest.raises(Unavailable):
        refusing(code).fetch(NAME, "AWSCURRENT")


def test_no_answer_is_an_outage() -> None:
    with pytest.raises(Unavailable):
        refusing(ReadTimeoutError(endpoint_url="https://secretsmanager.example.com")).fetch(
            NAME, "AWSCURRENT"
        )


def test_what_is_not_there_is_nothing() -> None:
    assert refusing("ResourceNotFoundException").fetch(NAME, "AWSCURRENT") is None


@pytest.mark.parametrize(
    ("source", "refusal"), [(a_source(), SecretFault), (None, SignatureRefused)], ids=["known", "unknown"]
)
def test_a_source_whose_secret_may_not_be_read_is_not_refused_and_a_stranger_is(
    source: Source | None, refusal: type[Exception]
) -> None:
    stored = StoredSecrets(refusing("AccessDeniedException").fetch, SIGNING_SECRETS, "prevail")
    verify = a_verify(KeptKeyring(stored, Clock()))
    with pytest.raises(refusal):
        verify(source, a_delivery(), NOW)


def as_stored(key: bytes, **more: str) -> str:
    return json.dumps({"signing_secret": "whsec_" + base64.b64encode(key).decode(), **more})


def test_one_put_revokes_what_was_current_until_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the stages as `put-secret-value` moves them, and a process that has verified with the old secret."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "x")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    old, new = bytes(range(32)), bytes(range(32, 64))
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="us-east-1")
        client.create_secret(Name=NAME, SecretString=as_stored(old))
        clock, fetch = Clock(NOW), SecretsManager(client).fetch
        verify = a_verify(KeptKeyring(StoredSecrets(fetch, SIGNING_SECRETS, "prevail"), clock))

        def key_of(secret: bytes) -> str:
            return verify(a_source(), a_delivery(key=secret, timestamp=clock()), clock()).key

        assert key_of(old) == "current"
        client.put_secret_value(SecretId=NAME, SecretString=as_stored(new, previous_version="refuse"))
        assert fetch(NAME, "AWSPREVIOUS") == as_stored(old)
        clock.now += MAX_AGE_S
        for _ in range(2):
            with pytest.raises(SignatureRefused):
                key_of(old)
            clock.now += REFRESH_FLOOR_S
        assert key_of(new) == "current"
