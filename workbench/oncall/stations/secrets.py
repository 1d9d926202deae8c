"""Is every secret readable and of use? What is found names a secret and never repeats one."""

from collections.abc import Callable, Iterator

from cancellations.adapters import key_sets
from cancellations.configuration import Source
from cancellations.domain import Organization
from cancellations.errors import SecretFault, Unavailable
from cancellations.source.proof import KeySetFile, KeySetUrl, Proof
from oncall.finding import Finding, failed, ok, skipped
from oncall.vault import Vault
from oncall.visit import Visit

SIGN_IN = "sign in with a role that may read secrets; is the region the right one?"


def look(visit: Visit) -> Iterator[Finding]:
    if visit.configuration is None:
        yield skipped("secrets", "nobody can tell which: the configuration does not load")
        return
    vault = Vault(visit.client("secretsmanager"), visit.deployment.secrets_prefix)
    for organization in visit.configuration.organizations.values():
        yield _of_organization(visit, vault, organization)
    for source in visit.configuration.sources.values():
        yield from _of_source(vault, source)


def _of_organization(visit: Visit, vault: Vault, organization: Organization) -> Finding:
    name = f"organization {organization.slug}"
    try:
        visit.api_keys[organization.slug] = vault.api_key(organization)
    except SecretFault as fault:
        return _faulty(name, str(fault))
    except Unavailable as silent:
        return failed(name, str(silent), SIGN_IN)
    return ok(name, "its API key can be read and used")


def _of_source(vault: Vault, source: Source) -> Iterator[Finding]:
    name = f"source {source.name}"
    match source.proof:
        case None:
            yield ok(name, "comes by the bus, and needs no secret")
        case Proof(keys=KeySetFile()):
            yield ok(name, "its public keys stand in the configuration")
        case Proof(scheme, KeySetUrl(url)):
            yield _of_key_set(name, scheme.keys_of, url)
        case _:
            try:
                faults = vault.faults_of(source)
            except Unavailable as silent:
                yield failed(name, str(silent), SIGN_IN)
                return
            yield from (_faulty(name, fault) for fault in faults)
            if not faults:
                yield ok(name, "its signing secret can be read and used")


def _of_key_set(name: str, keys_of: Callable[[str], object], url: str) -> Finding:
    try:
        (stored,) = key_sets.fetched(url, previous=False)
        keys_of(stored.value)
    except (SecretFault, Unavailable, ValueError) as fault:
        return failed(name, f"{url}: {fault}", "check jwks_url; its sender publishes the keys there")
    return ok(name, f"its public keys are at {url}")


def _faulty(name: str, fault: str) -> Finding:
    """Faults of secrets say how to mend them after a semicolon."""
    said, _, fix = fault.partition("; ")
    return failed(name, said, fix or "store it in the form that docs/sources.md tells")
