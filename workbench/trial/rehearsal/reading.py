"""What is asked? Every filter and every field of an item, with its expression, its value, and how to mend it."""

import json
from collections.abc import Callable, Iterator

from cancellations.configuration import Source
from cancellations.errors import Malformed
from cancellations.source import values
from cancellations.source.expressions import DoesNotFit, Expression
from cancellations.source.mapping import Allowed, Item
from cancellations.source.values import Unreadable
from trial.rehearsal.causes import Cause, fixes
from trial.rehearsal.causes import said as said_of
from trial.rehearsal.comparisons import explained
from trial.rehearsal.paths import meant, missing, named
from trial.rehearsal.report import Finding, wrong

SHOWN_CHARS = 100

TO_FALSE = "Compare with a literal in backticks: body.flag == `false` is false where the field is missing."


class _DoesNotFit(Exception):
    """The expression raises on this item, as jmespath says it."""


def filters(source: Source, item: Item) -> tuple[Finding, ...]:
    """Conditions of what is incomplete first, as the receiver judges them."""
    asked = source.expressions
    incomplete = (_incomplete(name, by, item) for name, by in asked.incomplete.items())
    return (*incomplete, *(_filter(name, by, item) for name, by in asked.filters.items()))


def _incomplete(name: str, expression: Expression, item: Item) -> Finding:
    try:
        verdict = _search(expression, item)
    except _DoesNotFit as fault:
        return _fails(f"incomplete.{name}", expression, item, fault)
    said = f"{_text(expression)}  is {_shown(verdict)}"
    if verdict is False:
        return Finding(f"incomplete.{name}", said, good=True)
    fix = "Let the sender send what its recipe says."
    return wrong(
        f"incomplete.{name}", said, Cause("incomplete", f"The delivery is incomplete ({name}).", fix)
    )


def _filter(name: str, expression: Expression, item: Item) -> Finding:
    alike = explained(expression.tree, item)
    try:
        verdict = _search(expression, item)
    except _DoesNotFit as fault:
        fix = f"Functions insist on their types: give a default, such as (field || ''). {_hint(expression, item)}"
        said = f"{_text(expression)}  cannot be read: {fault}"
        fails = Cause("expression-fails", f"The filter {name} cannot be read.", fix.strip())
        return wrong(name, said, *(alike or (fails,)))
    said = f"{_text(expression)}  is {_shown(verdict)}"
    if verdict is True:
        return Finding(name, said, good=True)
    if isinstance(verdict, bool):
        alike = alike or _elsewhere(expression, item)
        return Finding(name, _joined(said, alike), mend=fixes(alike) or None, causes=alike)
    fix = f"A filter must yield true or false. {TO_FALSE} {_hint(expression, item)}"
    kind = Cause("filter-kind", f"The filter {name} yields {values.kind(verdict)}.", fix.strip())
    return wrong(name, said, *alike, kind)


def _elsewhere(expression: Expression, item: Item) -> tuple[Cause, ...]:
    """Of a filter that is false, perhaps since the fields that it names are not there."""
    absent = [path for path in named(expression.tree) if missing(path, item)]
    found = meant(expression, item)
    if not absent:
        return ()
    said = f"{', '.join(absent)} is missing in this delivery."
    return (Cause("field-elsewhere" if found else "field-missing", said, _hint(expression, item)),)


def _joined(said: str, causes: tuple[Cause, ...]) -> str:
    return f"{said}. {said_of(causes)}" if causes else said


def fields(source: Source, item: Item) -> tuple[Finding, ...]:
    return tuple(_fields(source, item))


def _fields(source: Source, item: Item) -> Iterator[Finding]:
    asked = source.expressions
    if isinstance(asked.organization, str):
        yield Finding("organization", asked.organization, good=True)
    else:
        yield _organization(asked.organization, item)
    yield _event_id(asked.event_id, item)
    yield _session(source, item)
    if isinstance(asked.cancel_without_email, bool):
        yield Finding("cancel_without_email", f"always {str(asked.cancel_without_email).lower()}", good=True)
    else:
        yield _field("cancel_without_email", asked.cancel_without_email, item, values.flag, missing="false")
    for name, expression in (("reason", asked.reason), ("requested_by", asked.requested_by)):
        if expression is not None:
            yield _field(name, expression, item, values.words, missing="nothing")
    if asked.starts_at is not None:
        yield _field("starts_at", asked.starts_at, item, values.moment, missing="nothing")


def _organization(allowed: Allowed, item: Item) -> Finding:
    try:
        found = _search(allowed.by, item)
    except _DoesNotFit as fault:
        return _fails("organization", allowed.by, item, fault)
    named = str(found) if isinstance(found, int) and not isinstance(found, bool) else found
    said = f"{_text(allowed.by)}  is {_shown(found)}"
    if isinstance(named, str) and named in allowed.organizations:
        return Finding("organization", f"{said}: {allowed.organizations[named]}", good=True)
    known = ", ".join(sorted(allowed.organizations))
    fix = f"The allow-list has: {known}. {_hint(allowed.by, item)}".strip()
    return wrong("organization", said, Cause("organization-unknown", "The organization is not allowed.", fix))


def _fails(name: str, expression: Expression, item: Item, fault: _DoesNotFit) -> Finding:
    said = f"{_text(expression)}  cannot be read: {fault}"
    return wrong(name, said, Cause("expression-fails", f"{name} cannot be read.", _hint(expression, item)))


def _event_id(expressions: tuple[Expression, ...], item: Item) -> Finding:
    if len(expressions) == 1:
        return _field("event_id", expressions[0], item, values.event_id)
    said, found = [], []
    for expression in expressions:
        try:
            value = _search(expression, item)
        except _DoesNotFit as fault:
            return _fails("event_id", expression, item, fault)
        said.append(f"{_text(expression)}  is {_shown(value)}")
        found.append(value)
    try:
        values.composed_event_id(found)
    except Malformed as fault:
        bad = next((e for e, v in zip(expressions, found, strict=True) if v is None), expressions[0])
        fix = f"{fault}. {_hint(bad, item)}".strip()
        return wrong("event_id", "; ".join(said), Cause("event-id", f"{fault}.", fix))
    return Finding("event_id", "; ".join(said), good=True)


def _session(source: Source, item: Item) -> Finding:
    expression = source.expressions.remote_session_id
    if source.lookup is None:
        return _field("remote_session_id", expression, item, values.session_id)
    found = _field("remote_session_id", expression, item, values.sender_id)
    if not found.good:
        return found
    theirs = values.sender_id(_search(expression, item))
    if source.lookup.sessions is None:
        mend = f"To tell it: cancelctl sources map {source.name} {theirs} SESSION"
        return Finding(
            found.name, f"{found.said}: which session that is, the ledger's table tells", mend=mend
        )
    if session := source.lookup.sessions.get(theirs):
        return Finding(found.name, f"{found.said}: the lookup file says {session}", good=True)
    good = None if source.lookup.missing == "ignore" else False
    return Finding(found.name, f"{found.said}, which the lookup file does not have", good, _add(theirs))


def _add(theirs: str) -> str:
    return f'Add a line to the file: {json.dumps(theirs)} = "the session\'s id"'


def _field(
    name: str,
    expression: Expression,
    item: Item,
    check: Callable[[object], object],
    missing: str | None = None,
) -> Finding:
    try:
        found = _search(expression, item)
    except _DoesNotFit as fault:
        return _fails(name, expression, item, fault)
    said = f"{_text(expression)}  is {_shown(found)}"
    if found is None and missing is not None:
        return Finding(name, f"{said}, so {missing}", mend=_hint(expression, item) or None)
    try:
        check(found)
    except Unreadable as why:
        return Finding(name, f"{said}, so it is left out: {why}", mend=_way_out(name, found) or None)
    except Malformed as fault:
        fix = f"{fault}. {_way_out(name, found)} {_hint(expression, item) if found is None else ''}"
        return wrong(
            name, said, Cause(_code(name, found, expression, item), f"{fault}.", " ".join(fix.split()))
        )
    return Finding(name, said, good=True)


def _code(name: str, found: object, expression: Expression, item: Item) -> str:
    """Under which name a field's fault is reported."""
    field = name.replace("_", "-")
    match found:
        case None:
            return f"{field}-elsewhere" if meant(expression, item) else f"{field}-missing"
        case bool():
            return f"{field}-boolean"
        case int() | float():
            return f"{field}-number"
        case str() if found.strip() != found or " " in found:
            return f"{field}-spaces"
        case str():
            return f"{field}-characters"
    return f"{field}-kind"


def _way_out(name: str, found: object) -> str:
    """What to write in place of an expression whose value is of another kind than it must be."""
    match name, found:
        case "cancel_without_email", str():
            return 'Let flag() read it: cancel_without_email = "flag(body.field)".'
        case "event_id", int():
            return "Make a text of it: body.field && to_string(body.field)."
        case "remote_session_id", int():
            return "If Prevail knows the session by it: body.field && to_string(body.field)."
        case "remote_session_id", str() if found.strip() != found:
            return "There is white space around it: let the sender send the id alone."
        case "remote_session_id", str() if " " in found:
            return "There is a space inside it. It has letters, digits, _ . - alone, at most 128."
        case "remote_session_id", str():
            return "It has letters, digits, _ . - alone, at most 128."
        case "starts_at", str():
            return "Such as 2026-11-24T15:00:00-06:00: a time without an offset is a different time in every office."
    return ""


def _hint(expression: Expression, item: Item) -> str:
    found = meant(expression, item)
    return f"In this delivery there is: {found}." if found else ""


def _search(expression: Expression, item: Item) -> object:
    try:
        return expression.search(item)
    except DoesNotFit as e:
        raise _DoesNotFit(str(e)) from e


def _text(expression: Expression) -> str:
    return " ".join(expression.written.split())


def _shown(value: object) -> str:
    """As JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"
