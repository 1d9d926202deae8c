"""The secrets that a configuration names, read where they are stored and made usable as their schemes would."""

from typing import TYPE_CHECKING

from cancellations.adapters.aws import SecretsManager
from cancellations.adapters.secrets import API_KEYS, SIGNING_SECRETS, StoredSecrets
from cancellations.configuration import Source
from cancellations.domain import Organization
from cancellations.errors import SecretFault
from cancellations.source.proof import Proof, Secret

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient


class Vault:
    """Below one prefix. What it raises and tells names secrets and never repeats one."""

    def __init__(self, manager: "SecretsManagerClient", prefix: str) -> None:
        fetch = SecretsManager(manager).fetch
        self._keys = StoredSecrets(fetch, API_KEYS, prefix)
        self._signing = StoredSecrets(fetch, SIGNING_SECRETS, prefix)

    def api_key(self, organization: Organization) -> str:
        """Raises SecretFault or Unavailable."""
        (key,) = self._keys(organization.secret, False)  # noqa: FBT003 - a previous key is never used
        return key.value

    def faults_of(self, source: Source) -> list[str]:
        """One line for each version of its secret that is missing or unusable. Raises Unavailable."""
        match source.proof:
            case Proof(scheme, Secret(name)):
                full = self._signing.full_name(name)
            case _:
                return []
        try:
            found = self._signing(name, True)  # noqa: FBT003 - previous ones too; it is a callable's only flag
        except SecretFault as fault:
            return [str(fault)]
        faults = []
        for one in found:
            try:
                scheme.keys_of(one.value)
            except ValueError as fault:
                faults.append(f'secret {full}, {one.label}: "signing_secret" {fault}')
        return faults
