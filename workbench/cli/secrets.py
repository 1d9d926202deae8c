"""Are the secrets of a configuration there, and of use? Read where they are stored; never shown."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError

from cancellations.adapters.aws import Aws, SecretsManager
from cancellations.adapters.secrets import API_KEYS, SIGNING_SECRETS, StoredSecrets
from cancellations.configuration import Configuration, Source
from cancellations.errors import SecretFault, Unavailable
from cancellations.source.proof import Proof, Secret
from stack import StackError

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

SIGN_IN = (
    "Sign in to the account and region that you deploy to (aws sso login, AWS_PROFILE, AWS_DEFAULT_REGION)."
)


def faults_of_secrets(configuration: Configuration, prefix: str) -> list[str]:
    """One line for each that is missing or unusable, previous ones too. Raises StackError if AWS cannot be asked."""
    manager = SecretsManager(_secrets_manager())
    keys, stored = (StoredSecrets(manager.fetch, branch, prefix) for branch in (API_KEYS, SIGNING_SECRETS))
    faults: list[str] = []
    try:
        for organization in configuration.organizations.values():
            try:
                keys(organization.secret, False)  # noqa: FBT003 - a previous key is never used
            except SecretFault as fault:
                faults.append(str(fault))
        for source in configuration.sources.values():
            faults += _faults_of(source, stored)
    except Unavailable as down:
        raise StackError(f"{down}. {SIGN_IN}") from down
    return faults


def _faults_of(source: Source, stored: StoredSecrets) -> list[str]:
    """Every secret is made usable as its scheme would."""
    match source.proof:
        case Proof(scheme, Secret(name)):
            full = stored.full_name(name)
        case _:
            return []
    try:
        found = stored(name, True)  # noqa: FBT003 - previous ones too; it is a callable's only flag
    except SecretFault as fault:
        return [str(fault)]
    faults = []
    for one in found:
        try:
            scheme.keys_of(one.value)
        except ValueError as fault:
            faults.append(f'secret {full}, {one.label}: "signing_secret" {fault}')
    return faults


def _secrets_manager() -> "SecretsManagerClient":
    try:
        return Aws().secrets_manager()
    except BotoCoreError as fault:  # no region, no such profile
        raise StackError(f"AWS cannot be asked: {fault} {SIGN_IN}") from fault
