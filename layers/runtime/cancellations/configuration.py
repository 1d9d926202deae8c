"""Organizations and sources, read from TOML and checked whole: a fault anywhere means nothing is served.

    organizations.toml   [SLUG]  base_url  secret  on_unknown
    sources.toml         [NAME]  organization  verify  secret | bus  filter
                         [NAME.request]  event_id  remote_session_id  cancel_without_email  reason  requested_by
                                         starts_at

Every fault is one line that names file, key and fix; all faults are found in one go.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import cast

from cancellations.domain import BusMatch, OnUnknown, Organization
from cancellations.errors import ConfigurationError
from cancellations.faults import Faults, Keys
from cancellations.origin import fault_of_origin
from cancellations.source.mapping import Expressions

DATA_PACKAGE = "cancellations_config"
ORGANIZATIONS_FILE = "organizations.toml"
SOURCES_FILE = "sources.toml"

ON_UNKNOWN = ("hold", "retry")
SCHEMES = ("standard-webhooks", "bus")
EVENT_ID_OF_SCHEME = {"standard-webhooks": 'headers."webhook-id"', "bus": "body.id"}

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
_SECRET = re.compile(r"(?!whsec_|whpk_)[A-Za-z0-9_+=.@-]{1,128}", re.ASCII)  # a name, not the secret itself
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_BUS_TEXT = re.compile(r"[^\x00-\x1f\x7f]{1,256}")


@dataclass(frozen=True, slots=True)
class Source:
    """A system that asks for cancellations. `secret` is None for bus sources, `bus` for all others."""

    name: str
    organization: str
    scheme: str
    secret: str | None
    bus: BusMatch | None
    expressions: Expressions


@dataclass(frozen=True, slots=True)
class Configuration:
    organizations: Mapping[str, Organization]
    sources: Mapping[str, Source]

    def at_origin(self, base_url: str) -> "Configuration":
        """The same, with another origin in place of every organization's base_url."""
        moved = {slug: replace(o, base_url=base_url) for slug, o in self.organizations.items()}
        return replace(self, organizations=MappingProxyType(moved))


def load_directory(directory: Path) -> Configuration:
    """Read the two files of a directory. Raises ConfigurationError with every fault."""
    return _load(directory)


def load_package() -> Configuration:
    """Read the two files of the data package that a layer brings. Raises ConfigurationError."""
    try:
        return _load(resources.files(DATA_PACKAGE))
    except ModuleNotFoundError as e:
        fault = f"{DATA_PACKAGE}: no layer brings this package; add a layer with python/{DATA_PACKAGE}/*.toml"
        raise ConfigurationError([fault]) from e


def _load(folder: Traversable) -> Configuration:
    faults = Faults()
    organizations = _organizations(_tables(folder, ORGANIZATIONS_FILE, faults), faults)
    sources = _sources(_tables(folder, SOURCES_FILE, faults), organizations, faults)
    faults.raise_any()
    return Configuration(MappingProxyType(organizations), MappingProxyType(sources))


def _tables(folder: Traversable, name: str, faults: Faults) -> dict[str, object]:
    try:
        return tomllib.loads(folder.joinpath(name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        faults.add(name, "", "is missing", "create it beside the other file")
    except UnicodeDecodeError:
        faults.add(name, "", "is not UTF-8", "save it as UTF-8")
    except tomllib.TOMLDecodeError as e:
        faults.add(name, "", f"is not TOML: {e}", "mend the line")
    return {}


def _organizations(tables: dict[str, object], faults: Faults) -> dict[str, Organization]:
    found = {}
    for slug, table in tables.items():
        keys = Keys(table, ORGANIZATIONS_FILE, slug, faults)
        keys.name(_SLUG, "letters, digits, _ . -, at most 128; it is the company_id that Prevail knows")
        base_url = keys.text("base_url", 'the origin of Prevail, such as "https://prevail.ai"')
        if base_url and (fault := fault_of_origin(base_url)):
            keys.fault("base_url", fault, 'write an origin such as "https://prevail.ai"')
        secret = keys.matching("secret", _SECRET, "the secret's name")
        on_unknown = keys.one_of("on_unknown", ON_UNKNOWN, default="hold")
        found[slug] = Organization(slug, base_url, secret, cast("OnUnknown", on_unknown))
        keys.no_others()
    if not tables:
        faults.add(ORGANIZATIONS_FILE, "", "has no organization", "add a table [SLUG]")
    return found


def _sources(
    tables: dict[str, object], organizations: Mapping[str, Organization], faults: Faults
) -> dict[str, Source]:
    found = {}
    secrets: dict[str, str] = {}
    buses: dict[BusMatch, str] = {}
    for name, table in tables.items():
        keys = Keys(table, SOURCES_FILE, name, faults)
        keys.name(_NAME, "lower-case letters, digits, _ -, at most 64; it is part of the webhook's address")
        organization = keys.one_of("organization", tuple(organizations))
        scheme = keys.one_of("verify", SCHEMES)
        secret, bus = None, None
        if scheme == "bus":
            bus = _bus(keys.table("bus", "the table that says which events are meant"))
            if (other := buses.setdefault(bus, name)) != name:
                keys.fault("bus", f'matches the events of "{other}"', "let each event belong to one source")
        elif scheme:
            secret = keys.matching("secret", _SECRET, "the secret's name")
            if secret and (other := secrets.setdefault(secret, name)) != name:
                keys.fault("secret", f'is also that of "{other}"', "give each source a secret of its own")
        found[name] = Source(name, organization, scheme, secret, bus, _expressions(keys, scheme))
        if scheme:  # without it nobody knows which keys belong here
            keys.no_others()
    if not tables:
        faults.add(SOURCES_FILE, "", "has no source", "add a table [NAME]")
    return found


def _bus(keys: Keys) -> BusMatch:
    source = keys.matching("source", _BUS_TEXT, 'the events\' "source"')
    if source.startswith("aws."):
        keys.fault("source", "is one of AWS's own", "name the producer's source")
    detail_type = keys.matching("detail_type", _BUS_TEXT, 'the events\' "detail-type"')
    account = keys.matching("account", _ACCOUNT, "twelve digits") if "account" in keys else None
    keys.no_others()
    return BusMatch(source, detail_type, account)


def _expressions(keys: Keys, scheme: str) -> Expressions:
    request = keys.table("request", "the expressions that find what is asked in a delivery")
    expressions = Expressions(
        event_id=request.expression("event_id", default=EVENT_ID_OF_SCHEME.get(scheme, "@")),
        remote_session_id=request.expression("remote_session_id"),
        cancel_without_email=request.expression_or_constant("cancel_without_email"),
        reason=request.optional_expression("reason"),
        requested_by=request.optional_expression("requested_by"),
        starts_at=request.optional_expression("starts_at"),
        filter=keys.optional_expression("filter"),
    )
    request.no_others()
    return expressions
