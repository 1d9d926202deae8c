"""Do the files load? All their faults at once; and are they what is deployed?"""

from collections.abc import Iterator

from cancellations.configuration import load_directory
from cancellations.errors import ConfigurationError
from cancellations.urls import is_loopback
from oncall.finding import Finding, failed, ok, warning
from oncall.visit import Visit
from stack.places import SHIPPED_CONFIGURATION
from stack.plan import has_public_keys

NAME = "files"


def look(visit: Visit) -> Iterator[Finding]:
    deployment = visit.deployment
    try:
        under_test = deployment.prevail_url is not None and is_loopback(deployment.prevail_url)
        found = load_directory(deployment.config, under_test=under_test)
    except (ConfigurationError, OSError) as error:
        faults = error.faults if isinstance(error, ConfigurationError) else (str(error),)
        for fault in faults:
            said, _, fix = fault.partition("; ")
            yield failed(NAME, said, fix or None)
        return
    visit.configuration = found.at_origin(deployment.prevail_url) if deployment.prevail_url else found
    organizations = ", ".join(found.organizations)
    yield ok(NAME, f"organizations {organizations}; {len(found.sources)} sources, in {deployment.config}")
    if deployment.prevail_url and not deployment.local:
        yield warning(
            "PrevailUrl",
            f"every call goes to {deployment.prevail_url}, whatever base_url says",
            "leave the parameter empty in production",
        )
    if deployment.parameters.get("ConfigLayerArn") and deployment.config == SHIPPED_CONFIGURATION:
        yield warning(
            "ConfigLayerArn",
            "the functions read a layer of your own, and these files are not it",
            "name its folder with --config",
        )
    public = [name for name, source in found.sources.items() if has_public_keys(source)]
    if public and deployment.parameters.get("PublicKeyLayerArn") == "":
        yield failed(
            "PublicKeyLayerArn",
            f"is empty, and {', '.join(public)} cannot be verified without that layer",
            "`cancelctl public-keys` publishes it; deploy with its ARN",
        )
