"""The calls of Prevail's API: one row each, from which both the routes and the OpenAPI document are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from prevail import endpoints
from prevail.assumed import AnswerName
from prevail.endpoints import Endpoint
from prevail.switches import Switches

type Basis = Literal["documented", "assumed"]
type Body = Literal["session_request", "remote_session"]

_ANYWHERE: tuple[AnswerName, ...] = ("rate_limited", "unauthorized")
_OF_A_SESSION: tuple[AnswerName, ...] = ("unknown_session", "foreign_session", "self_service_disabled")
_OF_A_LIST: tuple[AnswerName, ...] = ("invalid_time", "invalid_page", "invalid_state")


@dataclass(frozen=True, slots=True)
class Operation:
    """`answers` are the rows of `prevail.assumed` that it can give. `body` is the object that its body holds."""

    name: str
    method: str
    path: str
    endpoint: Endpoint
    answers: tuple[AnswerName, ...]
    summary: str
    basis: Basis
    source: str
    body: Body | None = None
    parameters: tuple[str, ...] = ()

    def is_there(self, switches: Switches) -> bool:
        return self.endpoint is not endpoints.show or switches.session_lookup


OPERATIONS = (
    Operation(
        "cancel_session",
        "PATCH",
        "/api/v1/sessions/{remote_session_id}/cancel",
        endpoints.cancel,
        (
            *_ANYWHERE,
            "invalid_cancel_without_email",
            *_OF_A_SESSION,
            "already_canceled",
            "wrong_state",
            "canceled",
        ),
        "Cancels a session in initial, scheduled or ready",
        "documented",
        "the page Cancel Sessions",
        parameters=("cancel_without_email",),
    ),
    Operation(
        "edit_session",
        "PATCH",
        "/api/v1/sessions/{remote_session_id}",
        endpoints.edit,
        (*_ANYWHERE, *_OF_A_SESSION, "not_editable", "invalid_body", "edited"),
        "Changes a session in scheduled or ready; participants are added, never removed",
        "documented",
        "the page Edit Sessions",
        body="remote_session",
    ),
    Operation(
        "show_session",
        "GET",
        "/api/v1/sessions/{remote_session_id}",
        endpoints.show,
        (*_ANYWHERE, "unknown_session", "foreign_session", "shown"),
        "Shows one session; only where the switch session_lookup is on",
        "assumed",
        "no page",
    ),
    Operation(
        "list_sessions",
        "GET",
        "/api/v1/sessions",
        endpoints.list_sessions,
        (*_ANYWHERE, *_OF_A_LIST, "listed"),
        "Lists the organization's sessions in order of start",
        "documented",
        "the page View Scheduled Sessions",
        parameters=("start_time", "end_time", "page", "state"),
    ),
    Operation(
        "list_session_requests",
        "GET",
        "/api/v1/session_requests",
        endpoints.list_requests,
        (*_ANYWHERE, *_OF_A_LIST, "requests_listed"),
        "Lists the organization's session requests; its filters are assumed to be those of the other list",
        "documented",
        "the page Session Requests",
        parameters=("start_time", "end_time", "page", "state"),
    ),
    *(
        Operation(
            name,
            "POST",
            path,
            endpoints.request_session,
            (*_ANYWHERE, "invalid_body", "requested"),
            summary,
            "documented",
            "the pages Session Requests and Schedule Sessions",
            body="session_request",
        )
        for name, path, summary in (
            (
                "request_session",
                "/api/v1/session_requests",
                "Requests a session; with Self-Service it is ready at once",
            ),
            (
                "schedule_session",
                "/api/v1/sessions",
                "The same; the address that the page's own example posts to",
            ),
        )
    ),
)
BY_NAME: Mapping[str, Operation] = {operation.name: operation for operation in OPERATIONS}
