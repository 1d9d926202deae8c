"""Valid by default; a test changes the one thing it is about.

Everything is signed by KEY at NOW, comes from the source `acme` and asks to cancel `session-1` at `acme-legal`.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.util import module_from_spec, spec_from_file_location
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from cancellations.admission import Admission
from cancellations.answers import answer_for
from cancellations.configuration import ORGANIZATIONS_FILE, SOURCES_FILE, Source, load_directory
from cancellations.domain import BusMatch, Delivery, Evidence, Json, Organization, Request
from cancellations.errors import ConfigurationError
from cancellations.intake import Intake
from cancellations.ledger import Ledger
from cancellations.lookup import Lookup
from cancellations.ports import Keyring, Queue, Table
from cancellations.receive import Each, Receive
from cancellations.results import AttemptResult, by_answer, of_answer
from cancellations.source.expressions import compiled
from cancellations.source.mapping import Allowed, Expressions
from cancellations.source.presets import STANDARD_WEBHOOKS
from cancellations.source.proof import Proof, Secret
from cancellations.source.verification.keys import HmacKey
from cancellations.verify import Verify
from fakes import KnownKeys, MemoryQueue, MemoryTable

NOW = 1_800_000_000.0
KEY = bytes(range(32))
SIGNING_SECRET = "whsec_" + base64.b64encode(KEY).decode()
API_KEY = "0123456789abcdef0123456789abcdef"
ACCOUNT = "111122223333"
IS_CANCELED = "body.type == 'deposition.canceled'"
"""The filter of a source whose payloads are like those here."""

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
        "webhook-id": message_id,
        "webhook-timestamp": str(int(timestamp)),
        "webhook-signature": STANDARD_WEBHOOKS.sign(HmacKey(key, "v1,"), raw, timestamp, message_id),
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


def a_result(status: int, words: str | None = None) -> AttemptResult:
    """What an attempt came to that Prevail answered with this status."""
    return of_answer(answer_for(status, words))


def some_evidence(status: int, words: str | None = None) -> Evidence:
    """What an outcome rests on that this status led to."""
    return by_answer(answer_for(status, words))


# ── Configuration ─────────────────────────────────────────────────────────────────────────────────


def some_expressions(
    *,
    organization: str | Allowed = "acme-legal",
    event_id: str | tuple[str, ...] = 'headers."webhook-id"',
    filters: Mapping[str, str] = {},
    **written: str | bool,
) -> Expressions:
    """Compiled expressions; `written` replaces or adds some, each as it would stand in the file."""
    texts = {
        "remote_session_id": "body.data.remote_session_id",
        "cancel_without_email": "body.data.cancel_without_email",
        **written,
    }
    found: dict[str, Any] = {
        name: text if isinstance(text, bool) else compiled(text) for name, text in texts.items()
    }
    parts = (event_id,) if isinstance(event_id, str) else event_id
    named = {name: compiled(text) for name, text in filters.items()}
    return Expressions(organization, tuple(map(compiled, parts)), filters=named, **found)


def some_allowed(written: str = "body.account", **organizations: str) -> Allowed:
    """Which value of the payload means which organization: `acme` is `acme-legal` unless told otherwise."""
    return Allowed(compiled(written), organizations or {"acme": "acme-legal"})


def a_source(**changes: Any) -> Source:  # noqa: ANN401 - whatever the field holds
    """A source of signed webhooks; its secret is named like itself."""
    name = changes.get("name", "acme")
    proof = Proof(STANDARD_WEBHOOKS, Secret(name))
    return replace(Source(name, "standard-webhooks", proof, None, some_expressions()), **changes)


def a_bus_source(**changes: Any) -> Source:  # noqa: ANN401 - whatever the field holds
    """A source of events on the bus, which has nothing to be verified with."""
    expressions = some_expressions(
        event_id="body.detail.event_id",
        remote_session_id="body.detail.remote_session_id",
        cancel_without_email="body.detail.cancel_without_email",
    )
    bus = BusMatch("com.acme.crm", "DepositionCanceled", None)
    return replace(Source("on-the-bus", "bus", None, bus, expressions), **changes)


EVENT_UUID = "a60b361a-61af-4bd0-bb46-935e47704082"


def a_bus_event(detail: Json = None, **changes: object) -> dict[str, object]:
    """An event of that source. `detail` takes the place of the whole detail."""
    event: dict[str, object] = {
        "id": EVENT_UUID,
        "account": ACCOUNT,
        "source": "com.acme.crm",
        "detail-type": "DepositionCanceled",
        "detail": {"event_id": "crm-1", "remote_session_id": "session-1"} if detail is None else detail,
    }
    return {**event, **changes}


def an_organization_table(**changes: object) -> dict[str, object]:
    return {"base_url": "https://prevail.example", "secret": "acme-legal", **changes}


def a_source_table(**changes: object) -> dict[str, object]:
    return {
        "organization": "acme-legal",
        "verify": "standard-webhooks",
        "secret": "acme",
        "filter": IS_CANCELED,
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
    """Each table under its name, a key on each line, what is below it inline."""
    return "".join(
        f"[{json.dumps(name)}]\n" + "".join(_line(key, value) for key, value in table.items())
        if isinstance(table, dict)
        else _line(name, table)
        for name, table in tables.items()
    )


def _line(key: str, value: object) -> str:
    return f"{json.dumps(key)} = {_value(value)}\n"


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_value(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value)


# ── Receiving ─────────────────────────────────────────────────────────────────────────────────────


def some_names() -> Callable[[], str]:
    """Names that nobody has used before, the same ones in every run."""
    return map("name-{}".format, count()).__next__


NAMES = some_names()
"""For all who share a table in one test: nobody may take another's write for its own."""


def a_verify(secrets: Keyring | None = None, key_sets: Keyring | None = None) -> Verify:
    """Knows the signing secret of `acme`, and no set of public keys."""
    nobodys = "whsec_" + base64.b64encode(b"known to nobody, as in a process").decode()
    return Verify(secrets or KnownKeys({"acme": SIGNING_SECRET}), key_sets or KnownKeys(), nobodys)


def a_receive(
    *sources: Source,
    table: Table | None = None,
    queue: Queue | None = None,
    secrets: Keyring | None = None,
    each: Each = map,
) -> Receive:
    """The use case behind the webhook, in memory; with the source `acme` unless others are named."""
    table = table or MemoryTable()
    return Receive(
        sources={source.name: source for source in sources or (a_source(),)},
        verify=a_verify(secrets),
        intake=Intake(Lookup(table)),
        admission=Admission(Ledger(table, NAMES, lease_s=120.0), queue or MemoryQueue()),
        each=each,
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
