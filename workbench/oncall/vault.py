"""The secrets that a configuration names, read where they are stored and made usable as their schemes would."""

from typing import TYPE_CHECKING

from cancellations.adapters.aws import SecretsManager
from cancellations.adapters.secrets import API_KEYS, CALLBACK_SECRETS, SIGNING_SECRETS, StoredSecrets
from cancellations.configuration import Source
from cancellations.domain import Organization
from cancellations.errors import SecretFault
from cancellations.source.presets import STANDARD_WEBHOOKS
from cancellations.source.proof import Proof, Secret
from cancellations.source.verification.bearer import Bearer
from cancellations.source.verification.shared import Shared
from cancellations.source.verification.signed import Signed

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient


class Vault:
    """Below one prefix. What it raises and tells names secrets and never repeats one."""

    def __init__(self, manager: "SecretsManagerClient", prefix: str) -> None:
        fetch = SecretsManager(manager).fetch
        self._keys = StoredSecrets(fetch, API_KEYS, prefix)
        self._signing = StoredSecrets(fetch, SIGNING_SECRETS, prefix, strict=True)
        self._callbacks = StoredSecrets(fetch, CALLBACK_SECRETS, prefix)

    def api_key(self, organization: Organization) -> str:
        """Raises SecretFault or Unavailable."""
        (key,) = self._keys(organization.secret, False)  # noqa: FBT003 - a previous key is never used
        return key.value

    def faults_of(self, source: Source) -> list[str]:
        """One line for each version of its secrets that is missing or unusable. Raises Unavailable."""
        faults: list[str] = []
        match source.proof:
            case Proof(scheme, Secret(name)):
                faults += _faults_of(scheme, self._signing, name, previous=True)
        if source.callback:
            faults += _faults_of(STANDARD_WEBHOOKS, self._callbacks, source.callback.secret, previous=False)
        return faults


def _faults_of(
    scheme: Signed | Bearer | Shared, stored: StoredSecrets, name: str, *, previous: bool
) -> list[str]:
    full = stored.full_name(name)
    try:
        found = stored(name, previous)
    except SecretFault as fault:
        return [str(fault)]
    faults = []
    for one in found:
        try:
            scheme.keys_of(one.value)
        except ValueError as fault:
            faults.append(f'secret {full}, {one.label}: "signing_secret" {fault}')
    return faults
