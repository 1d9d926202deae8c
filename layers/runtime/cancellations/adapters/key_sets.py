"""Sets of public keys over HTTPS: one address each, named by the configuration, and nothing that a token says."""

import http.client
from time import monotonic

from cancellations.errors import Malformed, SecretFault, Unavailable
from cancellations.ports import KEY_SET, Stored
from cancellations.source import strict_json
from cancellations.urls import host_and_target

TIMEOUT_S = 3
TOTAL_S = 6.0
MAX_BYTES = 1024 * 1024
"""Room for some 2,000 RSA keys of 2048 bits, or 5,000 of P-256."""
OK = 200


def fetched(url: str, previous: bool) -> tuple[Stored, ...]:  # noqa: ARG001 - a set holds the previous keys itself
    """Raises Unavailable. Redirects are not followed: another address is another configuration."""
    body = _body(url)
    if not _is_key_set(body):  # else it would take the place of one that is
        raise Unavailable("the key set's address answers something else")
    return (Stored(KEY_SET, body.decode()),)


def _body(url: str) -> bytes:
    (host, target), ends = host_and_target(url), monotonic() + TOTAL_S
    connection = http.client.HTTPSConnection(host, timeout=TIMEOUT_S)
    try:
        connection.request(
            "GET", target, headers={"accept": "application/json", "accept-encoding": "identity"}
        )
        answer = connection.getresponse()
        body = b""
        while len(body) <= MAX_BYTES and (part := answer.read1(MAX_BYTES)):
            body += part
            if monotonic() > ends:
                raise Unavailable("the key set came too slowly")
    except (OSError, http.client.HTTPException) as e:
        raise Unavailable(f"the key set did not answer: {type(e).__name__}") from e
    finally:
        connection.close()
    if answer.status != OK:
        raise Unavailable(f"the key set answered {answer.status}")
    if len(body) > MAX_BYTES:
        raise SecretFault(url, f"is over {MAX_BYTES} bytes")
    if answer.length:  # what was announced and has not come
        raise Unavailable("the key set broke off")
    return body


def _is_key_set(body: bytes) -> bool:
    try:
        document = strict_json.loads(body)
    except Malformed:
        return False
    return isinstance(document, dict) and isinstance(document.get("keys"), list)
