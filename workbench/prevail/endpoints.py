"""Prevail's API, call by call: each endpoint asks the world and names a row of `prevail.assumed`."""

import re
from collections.abc import Callable

from prevail import scheduling
from prevail.asks import Ask
from prevail.assumed import AnswerName
from prevail.fields import BadField
from prevail.model import STATES, Session
from prevail.reply import Reply
from prevail.service import Service
from prevail.shown import page_of, request_row, session_row

_BOOLEANS = {"true": True, "false": False}
_EPOCH_SECONDS = re.compile(r"-?[0-9]{1,12}", re.ASCII)
_PAGE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


type Endpoint = Callable[[Service, Ask], Reply]


def cancel(service: Service, ask: Ask) -> Reply:
    wanted = ask.parameter("cancel_without_email")
    without_email = False if wanted is None else _BOOLEANS.get(wanted)
    if without_email is None:
        return Reply("invalid_cancel_without_email")
    organization = ask.caller.organization
    return Reply(
        service.world.cancel(
            ask.remote_session_id, organization, ask.switches, with_email=not without_email, now=ask.now
        )
    )


def list_sessions(service: Service, ask: Ask) -> Reply:
    return _list(service, ask, "listed", "sessions", session_row)


def list_requests(service: Service, ask: Ask) -> Reply:
    return _list(
        service, ask, "requests_listed", "session_requests", lambda session: request_row(session, ask.origin)
    )


def _list(
    service: Service, ask: Ask, answer: AnswerName, name: str, row: Callable[[Session], object]
) -> Reply:
    switches = ask.switches
    window = [ask.parameter("start_time"), ask.parameter("end_time")]
    if not all(text is None or _EPOCH_SECONDS.fullmatch(text) for text in window):
        return Reply("invalid_time")
    asked_page = None if switches.page_parameter == "none" else ask.parameter(switches.page_parameter)
    if asked_page is not None and not _PAGE.fullmatch(asked_page):
        return Reply("invalid_page")
    state = None if switches.state_filter == "none" else ask.parameter(switches.state_filter)
    if state is not None and state not in STATES:
        return Reply("invalid_state")
    start, end = (None if text is None else int(text) for text in window)
    found = service.world.sessions_between(ask.caller.organization.slug, start, end, switches)
    if state is not None:
        found = [session for session in found if session.state == state]
    return Reply(answer, page_of(found, int(asked_page or 1), int(switches.page_items), name, row))


def request_session(service: Service, ask: Ask) -> Reply:
    name = scheduling.new_id(ask.switches.session_ids, service.world.sessions)
    try:
        session = scheduling.requested(ask.part("session_request"), ask.caller.organization, name)
    except BadField as fault:
        return Reply("invalid_body", {"error": str(fault)})
    service.world.request(session, now=ask.now)
    if session.state == "ready" and ask.switches.postback_for_ready:
        service.postbacks.send(session, ask.origin, ask.now)
    return Reply("requested", {"session_request": request_row(session, ask.origin)})


def edit(service: Service, ask: Ask) -> Reply:
    found = service.world.editable(ask.remote_session_id, ask.caller.organization)
    if not isinstance(found, Session):
        return Reply(found)
    try:
        session = scheduling.edited(ask.part("remote_session"), found)
    except BadField as fault:
        return Reply("invalid_body", {"error": str(fault)})
    service.world.edit(found, session, now=ask.now)
    return Reply("edited", {"sessions": [session_row(service.world.sessions[ask.remote_session_id])]})


def show(service: Service, ask: Ask) -> Reply:
    if not ask.switches.session_lookup:
        return Reply("unknown_route")
    session = service.world.sessions.get(ask.remote_session_id)
    if session is None or session.state == "initial":
        return Reply("unknown_session")
    if session.organization != ask.caller.organization.slug:
        return Reply("foreign_session")
    return Reply("shown", {"sessions": [session_row(session)]})
