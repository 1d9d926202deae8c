"""What a stack is to be made of, checked whole before anything is started."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cancellations.adapters.secrets import fault_of_api_key
from cancellations.configuration import Configuration, load_directory
from cancellations.errors import ConfigurationError
from stack.errors import Refused
from stack.places import DEFAULT_NAME, SHIPPED_CONFIGURATION, StateFolder

# The template's AllowedPattern for PrevailUrl, less the empty one.
_ORIGIN = re.compile(r"https://[A-Za-z0-9.-]+|http://(127\.0\.0\.1|localhost)(:[0-9]+)?")


@dataclass(frozen=True, slots=True)
class PrevailServer:
    """A server in the emulator's place, and the one organization whose key is known there."""

    url: str
    slug: str
    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PlannedOrganization:
    slug: str
    secret: str


@dataclass(frozen=True, slots=True)
class PlannedSource:
    """`secret` is None for bus sources; `bus_source` and `detail_type` are None for all others."""

    name: str
    organization: str
    scheme: str
    secret: str | None
    bus_source: str | None
    detail_type: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """`config` is the folder to publish as a layer; None takes the one the template ships."""

    name: str
    organizations: tuple[PlannedOrganization, ...]
    sources: tuple[PlannedSource, ...]
    config: str | None = None
    prevail: PrevailServer | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Plan":
        """The inverse of `as_dict`; lists may stand for tuples, as they do after a trip through JSON."""
        return cls(
            name=plain["name"],
            organizations=tuple(PlannedOrganization(**o) for o in plain["organizations"]),
            sources=tuple(PlannedSource(**s) for s in plain["sources"]),
            config=plain["config"],
            prevail=PrevailServer(**plain["prevail"]) if plain["prevail"] else None,
        )


def make_plan(
    *, name: str = DEFAULT_NAME, config: Path | None = None, prevail: PrevailServer | None = None
) -> Plan:
    """Reads the configuration. Raises Refused with every fault found, one per line."""
    StateFolder(name)
    folder = (config or SHIPPED_CONFIGURATION).resolve()
    if not folder.is_dir():
        raise Refused(f"--config {config}: no such folder. It must hold organizations.toml and sources.toml.")
    try:
        configuration = load_directory(folder)
    except ConfigurationError as error:
        raise Refused(f"the configuration in {folder} is refused:\n{error}") from error
    if prevail and prevail.slug not in configuration.organizations:
        known = ", ".join(configuration.organizations)
        raise Refused(
            f"PREVAIL_SLUG {prevail.slug!r} is no organization of {folder}. Add it to organizations.toml, "
            f"or use one of: {known}."
        )
    return _plan(name, configuration, str(folder) if config else None, prevail)


def _plan(name: str, configuration: Configuration, config: str | None, prevail: PrevailServer | None) -> Plan:
    return Plan(
        name=name,
        organizations=tuple(
            PlannedOrganization(o.slug, o.secret) for o in configuration.organizations.values()
        ),
        sources=tuple(
            PlannedSource(
                name=s.name,
                organization=s.organization,
                scheme=s.scheme,
                secret=s.secret,
                bus_source=s.bus.source if s.bus else None,
                detail_type=s.bus.detail_type if s.bus else None,
            )
            for s in configuration.sources.values()
        ),
        config=config,
        prevail=prevail,
    )


def prevail_server(url: str, environment: Mapping[str, str]) -> PrevailServer:
    """A server in the emulator's place, with PREVAIL_SLUG and PREVAIL_API_KEY from the environment.

    Raises Refused with every fault found. Nothing is sent anywhere.
    """
    faults = []
    origin = url.removesuffix("/")
    if not _ORIGIN.fullmatch(origin):
        faults.append(
            f"--prevail-url {url}: write https://HOST, or http://127.0.0.1:PORT, and nothing after it."
        )
    slug = environment.get("PREVAIL_SLUG", "")
    if not slug:
        faults.append("PREVAIL_SLUG is not set: export the slug of your organization at Prevail.")
    key = environment.get("PREVAIL_API_KEY", "")
    if not key:
        faults.append("PREVAIL_API_KEY is not set: export the API key of your organization at Prevail.")
    elif fault := fault_of_api_key(key):
        faults.append(f"PREVAIL_API_KEY {fault}")
    if faults:
        raise Refused("\n".join(faults))
    return PrevailServer(origin, slug, key)
