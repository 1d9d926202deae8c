"""Are the secrets of a configuration there, and of use? Read where they are stored; never shown."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError

from cancellations.adapters.aws import Aws
from cancellations.configuration import Configuration
from cancellations.errors import SecretFault, Unavailable
from oncall.deployment import SIGN_IN
from oncall.vault import Vault
from stack import StackError

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient


def faults_of_secrets(configuration: Configuration, prefix: str) -> list[str]:
    """One line for each that is missing or unusable, previous ones too. Raises StackError if AWS cannot be asked."""
    vault = Vault(_secrets_manager(), prefix)
    faults: list[str] = []
    try:
        for organization in configuration.organizations.values():
            try:
                vault.api_key(organization)
            except SecretFault as fault:
                faults.append(str(fault))
        for source in configuration.sources.values():
            faults += vault.faults_of(source)
    except Unavailable as down:
        raise StackError(f"{down}. {SIGN_IN}") from down
    return faults


def _secrets_manager() -> "SecretsManagerClient":
    try:
        return Aws().secrets_manager()
    except BotoCoreError as fault:  # no region, no such profile
        raise StackError(f"AWS cannot be asked: {fault} {SIGN_IN}") from fault
