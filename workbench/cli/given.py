"""What a person hands to a command: folders, files and times. Whatever is wrong with them is Refused."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cancellations.adapters import http_events
from cancellations.adapters.secrets import SIGNING_SECRETS
from cancellations.configuration import Configuration, Source, load_directory
from cancellations.domain import Delivery
from cancellations.errors import ConfigurationError, Malformed, SecretFault
from cancellations.ports import CURRENT, Stored
from cancellations.source.proof import KeySetFile, KeySetUrl, Proof
from stack import Refused

Config = Annotated[
    Path, typer.Option("--config", metavar="DIR", help="The folder with organizations.toml and sources.toml.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def configuration(folder: Path, *, under_test: bool = True) -> Configuration:
    """Raises Refused with every fault. under_test: also what only a stack on this machine may serve."""
    try:
        return load_directory(folder, under_test=under_test)
    except ConfigurationError as faults:
        raise Refused(f"the configuration in {folder} is refused:\n{faults}") from faults


def source_in(configuration: Configuration, name: str) -> Source:
    if name not in configuration.sources:
        raise Refused(f"there is no source {name!r}; there is: {', '.join(configuration.sources)}")
    return configuration.sources[name]


def moment(written: str | None, *, option: str = "--at") -> float:
    """Epoch seconds, of ISO 8601 (in UTC where it does not say) or of seconds; None is now."""
    if written is None:
        return time.time()
    try:
        return float(written)
    except ValueError:
        pass
    try:
        read = datetime.fromisoformat(written)
    except ValueError as e:
        raise Refused(f"{option} {written}: write 2026-11-20T18:00:00Z, or seconds since 1970") from e
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def delivery(source: str, body: Path, headers: Path) -> Delivery:
    return Delivery(source, _headers_in(headers), _bytes_of(body))


def event(source: str, file: Path) -> Delivery | Mapping[str, Any]:
    """A delivery, or a bus event as it is. A webhook's event must be for this source."""
    found = _json_in(file, _bytes_of(file))
    if "detail-type" in found:
        return found
    if found.get("routeKey") != "POST /v1/webhooks/{source}":
        raise Refused(f"{file} is no event of a webhook (payload format 2.0), nor of the bus")
    try:
        arrived = http_events.delivery_from(found)
    except Malformed as fault:
        raise Refused(f"{file}: {fault}") from fault
    if arrived.source != source:
        raise Refused(f"{file} is for the source {arrived.source!r}, not for {source!r}")
    return arrived


def keys_of(source: Source, file: Path | None) -> tuple[Stored, ...]:
    """What the source's deliveries are verified with."""
    match source.proof, file:
        case None, _:
            return ()
        case Proof(keys=KeySetFile(document)), _:
            return (Stored("key set", document),)
        case _, None:
            raise Refused("say what it is verified with, --secret FILE, or --unverified to believe it unseen")
        case Proof(keys=KeySetUrl()), given:
            return (Stored("key set", _bytes_of(given).decode("utf-8", "replace")),)
        case _, given:
            try:
                stored = _bytes_of(given).decode("utf-8", "replace")
                return SIGNING_SECRETS.secrets_in(str(given), stored, CURRENT)
            except SecretFault as fault:
                raise Refused(str(fault)) from fault


def _headers_in(file: Path) -> dict[str, str]:
    """Names in lower case; one that comes twice is joined by a comma, as API Gateway does it."""
    raw = _bytes_of(file)
    found: dict[str, str] = {}
    for name, value in _pairs(file, raw):
        key = name.strip().lower()
        found[key] = f"{found[key]},{value}" if key in found else value
    return found


def _pairs(file: Path, raw: bytes) -> list[tuple[str, str]]:
    if raw.lstrip().startswith(b"{"):
        return [(name, str(value)) for name, value in _json_in(file, raw).items()]
    pairs = []
    for number, line in enumerate(raw.decode("utf-8", "replace").splitlines(), start=1):
        name, colon, value = line.partition(":")
        if line.strip() and not (colon and name.strip()):
            raise Refused(f"{file}:{number}: is no header; write a JSON object, or lines such as Name: value")
        if line.strip():
            pairs.append((name, value.strip()))
    return pairs


def _json_in(file: Path, raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError as e:
        raise Refused(f"{file} is not JSON: {e}") from e
    if not isinstance(found, dict):
        raise Refused(f"{file} is not a JSON object")
    return found


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as e:
        raise Refused(f"{file}: {e.strerror}") from e
