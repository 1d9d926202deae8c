"""What a person hands to a command: folders, files and times. Whatever is wrong with them is Refused."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cancellations.adapters import http_events
from cancellations.adapters.secrets import SIGNING_SECRETS
from cancellations.configuration import Configuration, Source, load_directory
from cancellations.domain import Delivery
from cancellations.errors import ConfigurationError, Malformed, SecretFault
from cancellations.ports import CURRENT, KEY_SET, Stored
from cancellations.source.proof import KeySetFile, KeySetUrl, Proof
from cli import header_files
from stack import Refused
from trial.rehearsal.signatures.addresses import Seen

STORED_FORM = f'{{"{SIGNING_SECRETS.field}": "…"}}'

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


@dataclass(frozen=True, slots=True)
class Arrived:
    """A recorded delivery, and the address at which it arrived, as far as its record says."""

    delivery: Delivery
    seen: Seen


@dataclass(frozen=True, slots=True)
class Keys:
    """What a source's deliveries are verified with. `faults`: why it would be refused where it is stored."""

    stored: tuple[Stored, ...] = field(repr=False)
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def delivery(source: str, body: Path, headers: Path) -> Arrived:
    """Header names in lower case; one that comes twice is joined by a comma, as API Gateway does it."""
    found: dict[str, str] = {}
    for name, value in header_files.pairs_in(headers, _bytes_of(headers)):
        key = name.strip().lower()
        found[key] = f"{found[key]},{value}" if key in found else value
    return Arrived(Delivery(source, found, _bytes_of(body)), Seen())


def event(source: str, file: Path) -> Arrived | Mapping[str, Any]:
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
    host = (found.get("requestContext") or {}).get("domainName")
    seen = Seen(*(part if isinstance(part, str) else "" for part in (host, found.get("rawPath"))))
    query = found.get("rawQueryString")
    return Arrived(arrived, replace(seen, query=query) if isinstance(query, str) else seen)


def keys_of(source: Source, file: Path | None) -> Keys:
    """What the source's deliveries are verified with."""
    match source.proof, file:
        case None, _:
            return Keys(())
        case Proof(keys=KeySetFile(document)), _:
            return Keys((Stored(KEY_SET, document),))
        case _, None:
            raise Refused("say what it is verified with, --secret FILE, or --unverified to believe it unseen")
        case Proof(keys=KeySetUrl()), given:
            return Keys((Stored(KEY_SET, header_files.text_of(_bytes_of(given))),))
        case _, given:
            return secrets_in(given)


def secrets_in(file: Path) -> Keys:
    """As it is stored; a bare secret and one that would be refused too, with what is wrong. Raises Refused."""
    text = header_files.text_of(_bytes_of(file))
    try:
        return Keys(SIGNING_SECRETS.secrets_in(str(file), text, CURRENT))
    except SecretFault as fault:
        refused = fault
    try:
        document = json.loads(text)
    except ValueError:
        document = text.strip()
    if isinstance(document, int | float | str):
        bare = document if isinstance(document, str) else text.strip()
        if not bare.strip() or (len(bare.splitlines()) > 1 and not bare.startswith("-----BEGIN")):
            raise Refused(f"{file} is not JSON; write {STORED_FORM}") from refused
        note = f"{file.name} holds a bare secret. Store it as JSON: {STORED_FORM}"
        return replace(_listed(file, [bare]), notes=(note,))
    value = document.get(SIGNING_SECRETS.field) if isinstance(document, dict) else None
    listed = value if isinstance(value, list) else [value]
    values = [one for one in listed if isinstance(one, str) and one]
    if not values or len(values) != len(listed):
        raise Refused(str(refused)) from refused
    return replace(_listed(file, values), faults=(str(refused),))


def _listed(file: Path, values: list[str]) -> Keys:
    """Secrets one by one, with the fault of each that would be refused."""
    stored = tuple(
        Stored(CURRENT if place == 1 else f"{CURRENT} {place}", one)
        for place, one in enumerate(values, start=1)
    )
    found = (SIGNING_SECRETS.fault_of(one) for one in values)
    return Keys(stored, tuple(f"secret {file}: {fault}" for fault in found if fault))


def others_in(files: Sequence[Path]) -> tuple[Stored, ...]:
    """Secrets of other sources, each named by its file."""
    return tuple(replace(one, label=file.name) for file in files for one in secrets_in(file).stored)


def _json_in(file: Path, raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(header_files.text_of(raw))
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
