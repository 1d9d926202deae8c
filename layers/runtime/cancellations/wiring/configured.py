"""What is configured and what is secret, for the functions that need either."""

from functools import cache

from botocore.config import Config

from cancellations.adapters.aws import CALLS, SecretsManager
from cancellations.adapters.secrets import Branch, StoredSecrets
from cancellations.configuration import Configuration, load_package
from cancellations.wiring import process


@cache
def configuration() -> Configuration:
    """The layer's. Raises ConfigurationError."""
    return load_package(under_test=process.settings().under_test)


def stored(branch: Branch, calls: Config = CALLS) -> StoredSecrets:
    client = process.aws().secrets_manager(calls)
    return StoredSecrets(SecretsManager(client).fetch, branch, process.settings().secrets_prefix)
