"""The shapes of Prevail's requests and answers, for its OpenAPI document."""

from typing import Any

from prevail.model import STATES
from prevail.zones import RAILS

type Schema = dict[str, Any]

LONGEST_TEXT = 1000
_TEXT: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_TEXT,
    "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
}
_ADDRESS: Schema = {"type": "string", "maxLength": 254, "pattern": "^[!-?A-~]+@[!-?A-~]+$"}
_DAYS = "(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"
_DATE: Schema = {
    "type": "string",
    "pattern": f"^(19[7-9]|20[0-9])[0-9]-({_DAYS})$",
    "examples": ["2025-01-28"],
    "description": "YYYY-MM-DD; February 29 too, where there is one",
}
_TIME: Schema = {"type": "string", "pattern": "^(0[1-9]|1[0-2]):[0-5][0-9] [AP]M$", "examples": ["01:30 AM"]}
_ZONE: Schema = {
    "type": "string",
    "enum": list(RAILS),
    "description": "A name of Rails; any name of the IANA database is taken too",
}
_HOURS: Schema = {"type": "number", "minimum": 0, "maximum": 1000}
_OBJECT: Schema = {"type": "object"}
_START: Schema = {"start_date": _DATE, "start_time": _TIME, "time_zone": _ZONE}
_NAME: Schema = {"type": ["string", "null"], "description": "null while the session is in initial"}

_INVITES: Schema = {
    "type": "array",
    "maxItems": 100,
    "items": {
        "anyOf": [
            _ADDRESS,
            {
                "type": "object",
                "required": ["email"],
                "properties": {
                    "email": _ADDRESS,
                    "access_level": {"enum": ["host", "participant"]},
                },
            },
        ]
    },
}

SESSION_REQUEST: Schema = {
    "type": "object",
    "required": ["session_request"],
    "properties": {
        "jwt_payload": {"type": "string", "description": "The token, where no header and no query has it"},
        "session_request": {
            "type": "object",
            "required": ["remote_session"],
            "properties": {
                "invites": _INVITES,
                "deponent": {
                    "type": "object",
                    "properties": {
                        "name": _TEXT,
                        "email": _ADDRESS,
                        "role": {"enum": ["deponent", "witness"]},
                    },
                },
                "remote_session": {
                    "type": "object",
                    "required": ["title", "case", *_START],
                    "properties": {"title": _TEXT, "case": _TEXT, **_START, "estimated_duration": _HOURS},
                },
                "session_details": _OBJECT,
                "postback_url": _TEXT,
            },
        },
    },
}

REMOTE_SESSION: Schema = {
    "type": "object",
    "required": ["remote_session"],
    "properties": {
        "remote_session": {
            "type": "object",
            "properties": {"title": _TEXT, **_START, "estimated_duration": _HOURS, "invites": _INVITES},
            "dependentRequired": {name: [other for other in _START if other != name] for name in _START},
        }
    },
}

_STATE: Schema = {"type": "string", "enum": list(STATES)}
_COMMON: Schema = {
    "remote_session_id": _NAME,
    "title": {"type": "string"},
    "start_date": {"type": "string"},
    "start_time": {"type": "string"},
    "time_zone": {"type": "string"},
    "estimated_duration": {"type": "number"},
}
SESSION: Schema = {
    "type": "object",
    "required": [*_COMMON, "state"],
    "properties": {**_COMMON, "state": _STATE},
    "additionalProperties": False,
}
REQUESTED: Schema = {
    "type": "object",
    "required": [*_COMMON, "case", "invites", "session_state", "session_url"],
    "properties": {
        **_COMMON,
        "case": {"type": ["string", "null"]},
        "invites": {"type": "array", "items": {"type": "string"}},
        "session_state": _STATE,
        "session_url": _NAME,
    },
    "additionalProperties": False,
}
PAGY: Schema = {
    "type": "object",
    "required": ["page", "items", "count", "pages"],
    "properties": {name: {"type": "integer"} for name in ("page", "items", "count", "pages")},
    "additionalProperties": False,
}
MESSAGES: Schema = {
    "type": "object",
    "required": ["messages"],
    "properties": {"messages": {"type": "string"}},
    "additionalProperties": False,
}
ERROR: Schema = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string"}},
    "additionalProperties": False,
}


def whole(**properties: Schema) -> Schema:
    """An object that has all of these and nothing else."""
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def many(items: Schema) -> Schema:
    return {"type": "array", "items": items}


BODIES: dict[str, Schema] = {"session_request": SESSION_REQUEST, "remote_session": REMOTE_SESSION}

PARAMETERS: dict[str, Schema] = {
    "cancel_without_email": {"type": "boolean"},
    "start_time": {"type": "integer", "minimum": -(10**12) + 1, "maximum": 10**12 - 1},
    "end_time": {"type": "integer", "minimum": -(10**12) + 1, "maximum": 10**12 - 1},
    "page": {"type": "integer", "minimum": 1, "maximum": 10**9 - 1},
    "state": _STATE,
}
