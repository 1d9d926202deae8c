"""Readers, mapping and configuration under fuzzing: what they may say is written down here, all else is a defect."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from cancellations.configuration import ORGANIZATIONS_FILE, SOURCES_FILE, load_directory
from cancellations.domain import Delivery
from cancellations.errors import ConfigurationError, Malformed, UnsupportedBody
from cancellations.source import bodies, mapping, strict_json
from cancellations.source.expressions import compiled
from cancellations.source.mapping import Expressions
from fuzz import PART, parts_of

BESIDE = "beside.toml"
_NOW = 1_800_000_000.0


def reader(data: bytes) -> None:
    """A kind of body, its headers one a line, and the body."""
    if not data:
        return
    written, _, body = data[1:].partition(PART)
    lines = (line.partition(":") for line in written.decode("utf-8", "surrogateescape").split("\n"))
    headers = {name.lower(): value.strip() for name, _, value in lines if name}
    with suppress(UnsupportedBody, Malformed):
        document = bodies.read(bodies.KINDS[data[0] % len(bodies.KINDS)], Delivery("crm", headers, body))
        _check_strict(document)


def mapper(data: bytes) -> None:
    """An expression, one for items, and a body of JSON."""
    written, of_items, raw = parts_of(data, 3)
    try:
        body = strict_json.loads(raw)
    except Malformed:
        return
    assert body == json.loads(raw)
    _check_strict(body)
    try:
        expression = compiled(written.decode("utf-8", "replace"))
        items = compiled(of_items.decode("utf-8", "replace")) if of_items else None
    except ValueError:
        return
    expressions = Expressions(
        organization="acme",
        event_id=(expression,),
        remote_session_id=expression,
        cancel_without_email=expression,
        reason=expression,
        requested_by=expression,
        starts_at=expression,
        filters={"filter": expression},
        items=items,
    )
    with suppress(Malformed):
        document = mapping.document(Delivery("crm", {"x-id": "1"}, raw), body, body)
        for item in mapping.items(expressions, document) or [document]:
            _each_field(expressions, item)


def _each_field(expressions: Expressions, item: mapping.Item) -> None:
    with suppress(Malformed):
        mapping.failed_filter(expressions, item)
    with suppress(Malformed):
        asked = mapping.asked(expressions, item)
        mapping.request_from(asked, asked.session, source="crm", now=_NOW)
    for name in ("event_id", "reason", "starts_at", "cancel_without_email"):
        with suppress(Malformed):
            asked = mapping.asked(replace(_CONSTANT, **{name: getattr(expressions, name)}), item)
            json.dumps(mapping.request_from(asked, asked.session, source="crm", now=_NOW).as_json())


@dataclass(frozen=True, slots=True)
class _Folder:
    """In memory; what the configuration asks of a folder, and no more."""

    files: Mapping[str, bytes]
    name: str = ""

    def joinpath(self, name: str) -> "_Folder":
        return replace(self, name=name)

    def is_file(self) -> bool:
        return self.name in self.files

    def read_bytes(self) -> bytes:
        if self.name not in self.files:
            raise FileNotFoundError(self.name)
        return self.files[self.name]


def configuration(data: bytes) -> None:
    """Two files, and one that lies beside them."""
    files = dict(zip((SOURCES_FILE, ORGANIZATIONS_FILE, BESIDE), parts_of(data, 3), strict=True))
    with suppress(ConfigurationError):
        load_directory(cast("Path", _Folder(files)))


def _check_strict(document: object) -> None:
    json.dumps(document, allow_nan=False).encode()
    json.dumps(document, ensure_ascii=False).encode("utf-8")


_CONSTANT = Expressions("acme", (compiled("'constant'"),), compiled("'constant'"))
