"""Prevail's API as OpenAPI 3.1, made from the table of operations, the table of answers and the switches."""

from collections.abc import Mapping

from prevail import schemas
from prevail.assumed import ANSWERS, Answer, AnswerName
from prevail.operations import OPERATIONS, Operation
from prevail.schemas import Schema
from prevail.switches import Switches

VERSION = "3.1.0"
_FIRST_REFUSAL = 400
_NO_CONTENT = 204

_ANSWERED: Mapping[AnswerName, Schema] = {
    "canceled": schemas.MESSAGES,
    "edited": schemas.whole(sessions=schemas.many(schemas.SESSION)),
    "shown": schemas.whole(sessions=schemas.many(schemas.SESSION)),
    "requested": schemas.whole(session_request=schemas.REQUESTED),
    "listed": schemas.whole(pagy=schemas.PAGY, sessions=schemas.many(schemas.SESSION)),
    "requests_listed": schemas.whole(pagy=schemas.PAGY, session_requests=schemas.many(schemas.REQUESTED)),
}
_MEANINGS = {
    "cancel_without_email": "true: participants are not e-mailed; false if it is left out",
    "start_time": "Epoch seconds: sessions that start after it",
    "end_time": "Epoch seconds: sessions that end before it",
    "page": "Assumed: which page",
    "state": "Assumed: sessions in this state only",
}


def document(switches: Switches, origin: str) -> Schema:
    """As the switches for everybody stand now."""
    paths: dict[str, dict[str, Schema]] = {}
    for operation in OPERATIONS:
        if operation.is_there(switches):
            of_the_path = paths.setdefault(operation.path, {})
            of_the_path[operation.method.lower()] = _operation(operation, switches)
    return {
        "openapi": VERSION,
        "info": {
            "title": "Prevail's API, as its emulator plays it",
            "version": "1",
            "description": (
                "x-basis says of each operation whether Prevail documents it; x-answers names the rows of the "
                "emulator's table behind each status, and why they are what they are. A token may also travel as "
                "jwt_payload in the body of a POST, and parameters in the token's payload."
            ),
        },
        "servers": [{"url": origin}],
        "security": [{"bearer": []}, {"jwt_payload": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "Signed with the organization's API key; claims exp and slug",
                },
                "jwt_payload": {"type": "apiKey", "in": "query", "name": "jwt_payload"},
            }
        },
    }


def _operation(operation: Operation, switches: Switches) -> Schema:
    described: Schema = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"Source: {operation.source}.",
        "x-basis": operation.basis,
        "parameters": [*_in_path(operation), *_in_query(operation, switches)],
        "responses": _responses(operation, switches),
    }
    if operation.body is not None:
        content = {"application/json": {"schema": schemas.BODIES[operation.body]}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _in_path(operation: Operation) -> list[Schema]:
    if "{remote_session_id}" not in operation.path:
        return []
    schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": 128}
    return [{"name": "remote_session_id", "in": "path", "required": True, "schema": schema}]


def _in_query(operation: Operation, switches: Switches) -> list[Schema]:
    names = {"page": switches.page_parameter, "state": switches.state_filter}
    return [
        {
            "name": names.get(parameter, parameter),
            "in": "query",
            "required": False,
            "description": _MEANINGS[parameter],
            "schema": schemas.PARAMETERS[parameter],
        }
        for parameter in operation.parameters
        if names.get(parameter) != "none"
    ]


def _responses(operation: Operation, switches: Switches) -> Schema:
    by_status: dict[int, list[Answer]] = {}
    for name in operation.answers:
        by_status.setdefault(switches.statuses[name], []).append(ANSWERS[name])
    return {str(status): _response(status, by_status[status], switches) for status in sorted(by_status)}


def _response(status: int, rows: list[Answer], switches: Switches) -> Schema:
    described: Schema = {
        "description": "; ".join(row.name.replace("_", " ") for row in rows),
        "x-answers": [{"name": row.name, "why": row.why} for row in rows],
    }
    kinds = {_content_type(status, row, switches) for row in rows}
    content: Schema = {}
    for kind in sorted(kind for kind in kinds if kind is not None):
        shapes = [_shape(status, row) for row in rows if _content_type(status, row, switches) == kind]
        distinct = [shape for at, shape in enumerate(shapes) if shape not in shapes[:at]]
        is_json = kind == "application/json"
        content[kind] = {"schema": {"anyOf": distinct} if is_json else {"type": "string"}}
    return {**described, "content": content} if content else described


def _content_type(status: int, row: Answer, switches: Switches) -> str | None:
    if status == _NO_CONTENT:
        return None
    if not row.refuses or status < _FIRST_REFUSAL or switches.error_body == "json":
        return "application/json"
    return "text/html" if switches.error_body == "html" else None


def _shape(status: int, row: Answer) -> Schema:
    if row.refuses:
        return schemas.ERROR if status >= _FIRST_REFUSAL else schemas.MESSAGES
    return _ANSWERED[row.name]
