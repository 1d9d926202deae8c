"""Valid by default; a test changes the one thing it is about.

Everything is signed by KEY at NOW, comes from the source `acme` and asks to cancel `session-1` at `acme-legal`.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import module_from_spec, spec_from_file_location
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import jmespath

from cancellations.configuration import (
    EVENT_ID_OF_SCHEME,
    ORGANIZATIONS_FILE,
    SOURCES_FILE,
    Source,
    load_directory,
)
from cancellations.domain import Delivery, Organization, Request
from cancellations.errors import ConfigurationError, SecretFault
from cancellations.ledger import Ledger
from cancellations.ports import Queue, SigningSecrets, Table
from cancellations.receive import Receive
from cancellations.source import standard_webhooks
from cancellations.source.mapping import Expressions
from fakes import MemoryQueue, MemoryTable

NOW = 1_800_000_000.0
KEY = bytes(range(32))
SIGNING_SECRET = "whsec_" + base64.b64encode(KEY).decode()
API_KEY = "0123456789abcdef0123456789abcdef"
ACCOUNT = "111122223333"

FUNCTIONS = Path(__file__).parents[1] / "functions"


def a_payload(**data: object) -> dict[str, Any]:
    """The payload of a cancellation; `data` is merged into its data."""
    return {"type": "deposition.canceled", "data": {"remote_session_id": "session-1", **data}}


def a_body(**data: object) -> bytes:
    return json.dumps(a_payload(**data)).encode()


# ── Deliveries ────────────────────────────────────────────────────────────────────────────────────


def a_delivery(
    *,
    source: str = "acme",
    body: bytes | None = None,
    message_id: str = "msg_1",
    timestamp: float = NOW,
    key: bytes = KEY,
    headers: Mapping[str, str | None] | None = None,
) -> Delivery:
    """A delivery signed as it stands. `headers` change it after that; None takes a header away."""
    raw = a_body() if body is None else body
    signed = {
        "content-type": "application/json",
        standard_webhooks.ID_HEADER: message_id,
        standard_webhooks.TIMESTAMP_HEADER: str(int(timestamp)),
        standard_webhooks.SIGNATURE_HEADER: standard_webhooks.sign(key, message_id, int(timestamp), raw),
    }
    changed = {**signed, **(headers or {})}
    return Delivery(source, {name: value for name, value in changed.items() if value is not None}, raw)


def a_webhook_event(delivery: Delivery | None = None, **changes: object) -> dict[str, Any]:
    """What API Gateway makes of a delivery: an event of payload format 2.0. It sends bodies in base64."""
    delivery = delivery or a_delivery()
    return {
        "version": "2.0",
        "routeKey": "POST /v1/webhooks/{source}",
        "rawPath": f"/v1/webhooks/{delivery.source}",
        "headers": dict(delivery.headers),
        "pathParameters": {"source": delivery.source},
        "body": base64.b64encode(delivery.body).decode(),
        "isBase64Encoded": True,
        **changes,
    }


# ── Domain ────────────────────────────────────────────────────────────────────────────────────────


def a_request(**changes: Any) -> Request:  # noqa: ANN401 - whatever the field holds
    request = Request(
        organization="acme-legal",
        source="acme",
        event_id="msg_1",
        remote_session_id="session-1",
        cancel_without_email=False,
        accepted_at=NOW,
    )
    return replace(request, **changes)


def an_organization(**changes: Any) -> Organization:  # noqa: ANN401 - whatever the field holds
    return replace(Organization("acme-legal", "https://prevail.example", "acme-legal"), **changes)


# ── Configuration ─────────────────────────────────────────────────────────────────────────────────


def some_expressions(**written: str | bool) -> Expressions:
    """Compiled expressions; `written` replaces or adds some, each as it would stand in the file."""
    texts: dict[str, str | bool] = {
        "event_id": EVENT_ID_OF_SCHEME["standard-webhooks"],
        "remote_session_id": "body.data.remote_session_id",
        "cancel_without_email": "body.data.cancel_without_email",
        **written,
    }
    compiled: dict[str, Any] = {
        name: text if isinstance(text, bool) else jmespath.compile(text) for name, text in texts.items()
    }
    return Expressions(**compiled)


def a_source(**changes: Any) -> Source:  # noqa: ANN401 - whatever the field holds
    """A source of signed webhooks; its secret is named like itself."""
    source = Source("acme", "acme-legal", "standard-webhooks", "acme", None, some_expressions())
    return replace(source, **changes)


def an_organization_table(**changes: object) -> dict[str, object]:
    return {"base_url": "https://prevail.example", "secret": "acme-legal", **changes}


def a_source_table(**changes: object) -> dict[str, object]:
    return {
        "organization": "acme-legal",
        "verify": "standard-webhooks",
        "secret": "acme",
        "request": {"remote_session_id": "body.data.remote_session_id"},
        **changes,
    }


def a_bus_table(**changes: object) -> dict[str, object]:
    """A source of events on the bus; `changes` to its key `bus` replace the whole of it."""
    return {
        "organization": "acme-legal",
        "verify": "bus",
        "bus": {"source": "com.acme.crm", "detail_type": "DepositionCanceled"},
        "request": {"remote_session_id": "body.detail.remote_session_id"},
        **changes,
    }


def some_configuration(
    directory: Path,
    *,
    organizations: Mapping[str, object] | None = None,
    sources: Mapping[str, object] | None = None,
) -> Path:
    """Writes the two files, valid unless told otherwise, into a directory and returns it."""
    tables = {"acme-legal": an_organization_table()} if organizations is None else organizations
    directory.joinpath(ORGANIZATIONS_FILE).write_text(_toml(tables), encoding="utf-8")
    tables = {"acme": a_source_table()} if sources is None else sources
    directory.joinpath(SOURCES_FILE).write_text(_toml(tables), encoding="utf-8")
    return directory


def faults_of(directory: Path) -> tuple[str, ...]:
    """What loading the two files finds wrong, nothing where they are valid."""
    try:
        load_directory(directory)
    except ConfigurationError as found:
        return found.faults
    return ()


def _toml(tables: Mapping[str, object]) -> str:
    return "".join(f"{json.dumps(name)} = {_value(value)}\n" for name, value in tables.items())


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_value(part)}" for name, part in value.items()) + "}"
    return json.dumps(value)


# ── Receiving ─────────────────────────────────────────────────────────────────────────────────────


@dataclass
class KnownSecrets:
    """Signing secrets by name."""

    secrets: dict[str, str] = field(default_factory=lambda: {"acme": SIGNING_SECRET})

    def signing_secret(self, name: str) -> str:
        if name not in self.secrets:
            raise SecretFault(name, "does not exist")
        return self.secrets[name]


def some_names() -> Callable[[], str]:
    """Names that nobody has used before, the same ones in every run."""
    return map("name-{}".format, count()).__next__


def a_receive(
    *sources: Source,
    table: Table | None = None,
    queue: Queue | None = None,
    secrets: SigningSecrets | None = None,
) -> Receive:
    """The use case behind the webhook, in memory; with the source `acme` unless others are named."""
    return Receive(
        sources={source.name: source for source in sources or (a_source(),)},
        secrets=secrets or KnownSecrets(),
        ledger=Ledger(table or MemoryTable(), some_names(), lease_s=120.0),
        queue=queue or MemoryQueue(),
        nobodys_key=b"known to nobody, as in a process",
    )


# ── Doors ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AContext:
    """The part of Lambda's context that the doors read."""

    aws_request_id: str = "lambda-request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def door(name: str) -> ModuleType:
    """A function's app.py, loaded afresh under a module name of its own: every function's module is called app.

    It wires itself while it loads, so whatever replaces the wiring must be in place before.
    """
    path = FUNCTIONS / name / "app.py"
    spec = spec_from_file_location(f"door_{name}", path)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
