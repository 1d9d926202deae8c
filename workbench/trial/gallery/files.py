"""The files of events/ that are made of the samples, so that nobody keeps them by hand."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cancellations.adapters import http_events
from cancellations.configuration import Configuration, Source, load_directory
from cancellations.domain import Request
from cancellations.messages import message_for
from stack.places import CHECKOUT
from trial.foresight import Foreseen, Mapped, of_delivery, of_event
from trial.gallery import SAMPLES, gateway, published
from trial.gallery.changes import stream_event
from trial.gallery.published import AT
from trial.gallery.sample import Ask, Event, Sample
from trial.signing import CannotSign, PrivateKey, signed

EVENTS = CHECKOUT / "events"
CONFIG = EVENTS / "config"
README = EVENTS / "README.md"

_TABLE = re.compile(r"(?<=<!-- samples -->\n).*(?=<!-- /samples -->)", re.DOTALL)


@cache
def configuration() -> Configuration:
    """That of events/config. Raises ConfigurationError."""
    return load_directory(CONFIG)


def event_of(sample: Sample) -> dict[str, Any]:
    """As it is published: really signed, under the published secret, at the published time."""
    arrival = sample.make(sample.published(AT))
    if isinstance(arrival, Ask):
        return gateway.ask_event(arrival)
    source = configuration().sources[sample.source]
    if isinstance(arrival, Event) and source.bus:
        return gateway.bus_event(source.bus, arrival)
    key = published.signing_key(source)
    if isinstance(arrival, Event) or key is None:
        raise CannotSign(f"events/config has another kind of source for {sample.name}")
    return gateway.webhook_event(signed(source, arrival, key, AT))


def beside() -> dict[str, str]:
    """What sources.toml names: sessions by the ids that senders know, and the public halves of the test keys."""
    sessions = "".join(
        f"{json.dumps(theirs)} = {json.dumps(session)} # {sample.source}\n"
        for sample in SAMPLES.values()
        for theirs, session in sample.listed.items()
    )
    about = "# Which session each sender means by an id of its own. Made by `make events`.\n\n"
    return {"config/sessions.toml": about + sessions, "config/keys.json": _in_json(published.key_set())}


def rendered() -> dict[str, str]:
    """Every other file that is made, by its path below events/."""
    files = {f"{name}.json": _in_json(event_of(sample)) for name, sample in SAMPLES.items()}
    files["queue.json"] = _in_json(_queue())
    files["stream.json"] = _in_json(stream_event(_of_the_webhook(), _of_the_bus(), at=AT))
    for source in configuration().sources.values():
        match published.signing_key(source):
            case str(secret):
                files[_place(source)] = _in_json({"signing_secret": secret})
            case PrivateKey(jwk):
                files[_place(source)] = _in_json(dict(jwk))
    files["README.md"] = _TABLE.sub(lambda _: _table(), README.read_text(encoding="utf-8"))
    return files


def write() -> list[Path]:
    """Makes them anew; those that changed."""
    changed = [path for name, text in beside().items() if _differs(path := EVENTS / name, text)]
    return changed + [path for name, text in rendered().items() if _differs(path := EVENTS / name, text)]


def _differs(path: Path, text: str) -> bool:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


def _queue() -> dict[str, Any]:
    """The story of webhook.json, accepted, and that of bus.json, as messages of one batch."""
    return gateway.batch_event(message_for(_of_the_webhook()), event_of(SAMPLES["bus"]), at=AT)


def _of_the_webhook() -> Request:
    delivery = http_events.delivery_from(event_of(SAMPLES["webhook"]))
    source = configuration().sources[delivery.source]
    return _the_request(of_delivery(source, delivery, None, float(AT), Mapped()))


def _of_the_bus() -> Request:
    source = configuration().sources[SAMPLES["bus"].source]
    return _the_request(of_event(source, event_of(SAMPLES["bus"]), float(AT), Mapped()))


def _the_request(foreseen: tuple[Foreseen, ...]) -> Request:
    (request,) = foreseen
    if not isinstance(request, Request):
        raise TypeError(f"the story is no cancellation: {request}")
    return request


def _table() -> str:
    rows = [_row(sample) for sample in SAMPLES.values()]
    return "\n".join(["| sample | is | `verify` | secret | becomes |", "|---|---|---|---|---|", *rows, ""])


def _row(sample: Sample) -> str:
    source = configuration().sources.get(sample.source)
    verify = f"`{source.verify}`" if source else "IAM"
    secret = f"[published]({_place(source)})" if source and source.proof else "none"
    becomes = ", ".join(sample.becomes)
    return f"| [`{sample.name}`]({sample.name}.json) | {sample.what} | {verify} | {secret} | {becomes} |"


def _place(source: Source) -> str:
    """Where what signs a source's deliveries is published, below events/."""
    private = ".private" if source.name in published.KEY_PAIRS else ""
    return f"secrets/{source.name}{private}.json"


def _in_json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
