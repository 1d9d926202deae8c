"""What a stack is to be made of, checked whole before anything is started."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from cancellations.adapters.secrets import fault_of_api_key
from cancellations.configuration import Configuration, Source, load_directory
from cancellations.domain import BusMatch
from cancellations.errors import ConfigurationError
from cancellations.source.proof import KeySetFile, KeySetUrl, Proof, Secret
from cancellations.urls import fault_of_origin, is_loopback
from stack.errors import Refused
from stack.issued import Form, form_of
from stack.places import DEFAULT_NAME, SHIPPED_CONFIGURATION, StateFolder


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
    """`secret` names the one that is to be made up in this `form`; None for bus sources and public keys.

    `bus_source` and `detail_type` are None for all but bus sources, `account` where it is the stack's own.
    callback_secret: the name of the one that its outcomes are signed with, where it is called back.
    """

    name: str
    organizations: tuple[str, ...]
    verify: str
    secret: str | None = None
    form: Form | None = None
    bus_source: str | None = None
    detail_type: str | None = None
    account: str | None = None
    callback_secret: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """`config` is the folder to publish as a layer; None takes the one the template ships.

    public_keys: whether a source is verified with public keys, which takes a layer of its own.
    """

    name: str
    organizations: tuple[PlannedOrganization, ...]
    sources: tuple[PlannedSource, ...]
    config: str | None = None
    prevail: PrevailServer | None = None
    public_keys: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Plan":
        """The inverse of `as_dict`; lists may stand for tuples, as they do after a trip through JSON."""
        return cls(
            name=plain["name"],
            organizations=tuple(PlannedOrganization(**o) for o in plain["organizations"]),
            sources=tuple(_source_from(s) for s in plain["sources"]),
            config=plain["config"],
            prevail=PrevailServer(**plain["prevail"]) if plain["prevail"] else None,
            public_keys=plain["public_keys"],
        )


def _source_from(plain: Mapping[str, Any]) -> PlannedSource:
    form = Form(**plain["form"]) if plain["form"] else None
    return PlannedSource(**{**plain, "organizations": tuple(plain["organizations"]), "form": form})


def make_plan(
    *, name: str = DEFAULT_NAME, config: Path | None = None, prevail: PrevailServer | None = None
) -> Plan:
    """Reads the configuration. Raises Refused with every fault found, one per line."""
    StateFolder(name)
    folder = (config or SHIPPED_CONFIGURATION).resolve()
    if not folder.is_dir():
        raise Refused(f"--config {config}: no such folder. It must hold organizations.toml and sources.toml.")
    try:
        under_test = prevail is None or is_loopback(prevail.url)
        configuration = load_directory(folder, under_test=under_test)
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
        sources=tuple(_planned(s) for s in configuration.sources.values()),
        config=config,
        prevail=prevail,
        public_keys=any(has_public_keys(s) for s in configuration.sources.values()),
    )


def _planned(source: Source) -> PlannedSource:
    callback = source.callback.secret if source.callback else None
    planned = PlannedSource(source.name, source.organizations, source.verify, callback_secret=callback)
    match source.proof, source.bus:
        case Proof(keys=Secret(name)), _:
            return replace(planned, secret=name, form=form_of(source))
        case _, BusMatch(bus_source, detail_type, account):
            return replace(planned, bus_source=bus_source, detail_type=detail_type, account=account)
    return planned


def has_public_keys(source: Source) -> bool:
    """Whether it is verified with keys that its sender publishes; that takes a layer of its own."""
    return source.proof is not None and isinstance(source.proof.keys, KeySetFile | KeySetUrl)


def prevail_server(url: str, environment: Mapping[str, str]) -> PrevailServer:
    """A server in the emulator's place, with PREVAIL_SLUG and PREVAIL_API_KEY from the environment.

    Raises Refused with every fault found. Nothing is sent anywhere.
    """
    faults = []
    origin = url.removesuffix("/")
    if not is_loopback(origin) and fault_of_origin(origin):
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
