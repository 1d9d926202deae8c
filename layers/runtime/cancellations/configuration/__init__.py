"""Organizations and sources, read from TOML and checked whole: a fault anywhere means nothing is served.

    organizations.toml   [SLUG]  base_url  secret  on_unknown
    sources.toml         [NAME]  see docs/sources.md

Every fault is one line that names file, line, key and fix; all faults are found in one go.
"""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from cancellations.configuration.faults import Faults
from cancellations.configuration.files import File
from cancellations.configuration.model import Callback, Configuration, LookupTable, Source
from cancellations.configuration.organizations import organizations_in
from cancellations.configuration.sources import sources_in
from cancellations.errors import ConfigurationError

__all__ = [
    "Callback",
    "Configuration",
    "LookupTable",
    "Source",
    "load_directory",
    "load_package",
]

DATA_PACKAGE = "cancellations_config"
ORGANIZATIONS_FILE = "organizations.toml"
SOURCES_FILE = "sources.toml"


def load_directory(directory: Path, *, under_test: bool = False) -> Configuration:
    """Read the files of a directory. Raises ConfigurationError with every fault.

    under_test: an emulator on this machine is in Prevail's place, so outcomes may be posted to this machine.
    """
    return _load(directory, under_test)


def load_package(*, under_test: bool = False) -> Configuration:
    """Read the files of the data package that a layer brings. Raises ConfigurationError."""
    try:
        return _load(resources.files(DATA_PACKAGE), under_test)
    except ModuleNotFoundError as e:
        fault = f"{DATA_PACKAGE}: no layer brings this package; add a layer with python/{DATA_PACKAGE}/*.toml"
        raise ConfigurationError([fault]) from e


def _load(folder: Traversable, under_test: bool) -> Configuration:
    faults = Faults()
    organizations = organizations_in(File(folder, ORGANIZATIONS_FILE, faults))
    sources = sources_in(File(folder, SOURCES_FILE, faults), tuple(organizations), under_test=under_test)
    faults.raise_any()
    return Configuration(MappingProxyType(organizations), MappingProxyType(sources), faults.warnings)
