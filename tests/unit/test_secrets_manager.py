"""Secrets Manager's refusals: which of them a person must mend, and which may pass."""

from typing import TYPE_CHECKING, cast

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from builders import NOW, a_delivery, a_source, a_verify
from cancellations.adapters.aws import SecretsManager
from cancellations.adapters.keyring import KeptKeyring
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
