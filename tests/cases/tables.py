"""Tables of sources as people write them; a case changes one expression or one line."""

import json

CANCELED = {
    "type": "deposition.canceled",
    "state": "canceled",
    "canceled": True,
    "seats": 2,
    "data": {"remote_session_id": "session-of-tuesday"},
}
RESCHEDULED = {
    "type": "deposition.rescheduled",
    "state": "scheduled",
    "canceled": False,
    "seats": 2,
    "data": {"remote_session_id": "session-of-tuesday"},
}
NOTE_ADDED = {"type": "note.added", "data": {"remote_session_id": "session-of-tuesday"}}

BY_TYPE = "body.type == 'deposition.canceled'"
AS_JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
SIGNED_JSON = {**AS_JSON, "webhook-id": "msg_1"}
KEYED_JSON = {**AS_JSON, "idempotency-key": "k1"}


def crm(expression: str = BY_TYPE, *, session: str = "body.data.remote_session_id", lines: str = "") -> str:
    """A CRM that signs. `expression` is its filter `canceled`; `lines` stand in its own table."""
    return f"""\
[crm]
organization = "example-legal"
verify = "standard-webhooks"
secret = "crm"
{lines}
[crm.filter]
canceled = {json.dumps(expression)}

[crm.request]
remote_session_id = {json.dumps(session)}
"""


def tool(silent: str = "body.silent == 'true'", *, event_id: str = 'headers."idempotency-key"') -> str:
    """A tool that posts what people type: the recipe of docs/sources.md, with all that describes a request."""
    return f"""\
[tool]
organization = "example-legal"
verify = "api-key"
header = "x-api-key"
secret = "tool"

[tool.request]
event_id = {json.dumps(event_id)}
remote_session_id = "body.remote_session_id"
cancel_without_email = {json.dumps(silent)}
reason = "body.reason"
requested_by = "body.by"
starts_at = "body.starts_at"
"""


def asked(**fields: object) -> dict[str, object]:
    """What the tool posts."""
    return {"remote_session_id": "session-of-tuesday", **fields}


def salesforce(organization: str = "00D000000000001EAA") -> str:
    return f"""\
[sf]
organization = "example-legal"
verify = "api-key"
header = "x-api-key"
secret = "sf"
body = "salesforce-outbound"

[sf.filter]
our-org = "body.organization_id == '{organization}'"
canceled = "item.fields.Status__c == 'Canceled'"

[sf.request]
remote_session_id = "item.fields.Remote_Session_Id__c"
reason = "item.fields.Reason__c"
"""


def service(jwks_url: str) -> str:
    """A service whose tokens are signed with a private key."""
    return f"""\
[svc]
organization = "example-legal"
verify = "jwt"

[svc.jwt]
algorithm = "ES256"
issuer = "https://crm.example.com"
audience = "prevail-cancellations"
jwks_url = {json.dumps(jwks_url)}

[svc.request]
event_id = "claims.jti"
remote_session_id = "body.remote_session_id"
"""
