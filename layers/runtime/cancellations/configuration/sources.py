"""sources.toml: who may ask for cancellations, how they prove themselves, and where in their payload things are."""

import json
import re
from collections.abc import Sequence
from types import MappingProxyType
from typing import cast

from cancellations.configuration.files import File, FileFault, toml_in
from cancellations.configuration.keys import SECRET, Keys, tables_of
from cancellations.configuration.mappings import mapping_in
from cancellations.configuration.model import Callback, LookupTable, Missing, Mode, Source
from cancellations.configuration.proofs import proof_in
from cancellations.domain import OUTCOMES, OWN_CALLERS, BusMatch
from cancellations.source import values
from cancellations.source.presets import PRESETS, BodyKind, Preset
from cancellations.source.proof import Proof, Secret
from cancellations.urls import fault_of_callback

BUS = "bus"
BODIES: tuple[BodyKind, ...] = ("json", "form", "cloudevents", "salesforce-outbound")

_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_BUS_TEXT = re.compile(r"[^\x00-\x1f\x7f]{1,256}")
_PARTNER = "aws.partner/"


def sources_in(file: File, organizations: Sequence[str], *, under_test: bool) -> dict[str, Source]:
    """organizations: the slugs that a source may name; empty if their file is faulty, and then any slug will do.

    under_test: beside an emulator on this machine, where receivers of outcomes may be on it too.
    """
    read = (_source(keys, organizations, under_test=under_test) for keys in tables_of(file))
    found = {source.name: source for source in read}
    _check_uniqueness(file, found)
    return found


_ALLOWED = "lower-case letters, digits, _ -, at most 64; it is part of the webhook's address"


def _source(keys: Keys, organizations: Sequence[str], *, under_test: bool) -> Source:
    name = keys.name(values.SOURCE, _ALLOWED)
    if name == OWN_CALLERS:
        keys.fault("", "is the name of callers inside AWS", "choose another")
    verify = keys.one_of("verify", (*PRESETS, BUS))
    preset = PRESETS.get(verify)
    bus = _bus(keys.table("bus", "the table that says which events are meant")) if verify == BUS else None
    proof = proof_in(keys, verify, preset) if preset else None
    body = _body(keys, preset)
    source = Source(
        name,
        verify,
        proof,
        bus,
        mapping_in(
            keys, organizations, preset, body, bus=bus, credential=proof.credential if proof else None
        ),
        body,
        cast("Mode", keys.one_of("mode", ("active", "observe"), default="active")),
        preset.greeting if preset and _greets(keys, preset) else None,
        _lookup(keys),
        keys.count("cap_per_hour", 1, 1_000_000),
        _callback(keys.optional_table("callback"), under_test=under_test),
    )
    if verify:  # without it nobody knows which keys belong here
        keys.no_others()
    return source


def _body(keys: Keys, preset: Preset | None) -> BodyKind:
    if preset is None or preset.body == "claims":
        return preset.body if preset else "json"
    return cast("BodyKind", keys.one_of("body", BODIES, default=preset.body) or preset.body)


def _greets(keys: Keys, preset: Preset) -> bool:
    """A greeting in a signed body is always answered; one that nobody has signed, only while it is expected."""
    return preset.greeting == "challenge" or (preset.greeting is not None and keys.yes_or_no("handshake"))


def _bus(keys: Keys) -> BusMatch:
    source = keys.matching("source", _BUS_TEXT, 'the events\' "source"')
    if source.startswith("aws.") and not source.startswith(_PARTNER):
        keys.fault(
            "source", "is one of AWS's own", "name the producer's source, or a partner's (aws.partner/…)"
        )
    if source == OUTCOMES:
        keys.fault("source", "is that of our own outcomes", "name the producer's source")
    detail_type = keys.matching("detail_type", _BUS_TEXT, 'the events\' "detail-type"')
    account = keys.matching("account", _ACCOUNT, "twelve digits") if "account" in keys else None
    keys.no_others()
    return BusMatch(source, detail_type, account)


def _lookup(keys: Keys) -> LookupTable | None:
    table = keys.optional_table("lookup")
    if table is None:
        return None
    missing = cast("Missing", table.one_of("missing", ("refuse", "ignore"), default="refuse"))
    in_ledger = table.yes_or_no("table")
    if in_ledger == ("file" in table):
        table.fault("", "needs one of two", 'write file = "NAME.toml", or table = true')
        return None
    sessions = None if in_ledger else MappingProxyType(_sessions(table))
    table.no_others()
    return LookupTable(sessions, missing)


def _callback(table: Keys | None, *, under_test: bool) -> Callback | None:
    if table is None:
        return None
    url = table.text("url", "the address that outcomes are posted to")
    if url and (fault := fault_of_callback(url, under_test=under_test)):
        table.fault("url", *fault)
    secret = table.matching("secret", SECRET, "the secret's name")
    table.no_others()
    return Callback(url, secret)


def _sessions(table: Keys) -> dict[str, str]:
    name = table.text("file", 'a file of lines such as "their-id" = "remote-session-id"')
    if not name:
        return {}
    try:
        text = table.file.beside(name)
    except FileFault as fault:
        table.fault("file", str(fault), fault.fix)
        return {}
    try:
        listed = toml_in(text or "")
    except FileFault as fault:
        table.file.fault_of(name, fault)
        return {}
    wrong = [key for key, value in listed.items() if not _is_session(value)]
    if wrong:
        shown = json.dumps(wrong[:3])
        table.fault(
            "file", f"has {len(wrong)} lines that name no session: {shown}", "mend these lines of the file"
        )
    return {key: str(value) for key, value in listed.items()}


def _is_session(value: object) -> bool:
    return isinstance(value, str) and values.SESSION_ID.fullmatch(value) is not None


def _check_uniqueness(file: File, sources: dict[str, Source]) -> None:
    secrets: dict[str, str] = {}
    buses: dict[BusMatch, str] = {}
    for name, source in sources.items():
        match source:
            case Source(proof=Proof(keys=Secret(secret))) if (
                secret and secrets.setdefault(secret, name) != name
            ):
                fault = f'is also that of "{secrets[secret]}"'
                Keys({}, file, name).fault("secret", fault, "give each source a secret of its own")
            case Source(bus=BusMatch() as bus) if buses.setdefault(bus, name) != name:
                fault = f'matches the events of "{buses[bus]}"'
                Keys({}, file, name).fault("bus", fault, "let each event belong to one source")
