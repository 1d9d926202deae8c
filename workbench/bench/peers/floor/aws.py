"""AWS by hand: one connection for each thread and host, requests signed by Signature Version 4."""

import hashlib
import hmac
import http.client
import json
import os
import ssl
import threading
import time
from typing import Any

REGION = os.environ["AWS_REGION"]
CONTEXT = ssl.create_default_context(cafile=os.environ["ROOTS"])
HEADERS = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"

_of_thread = threading.local()


def connection(host: str) -> http.client.HTTPSConnection:
    """This thread's own, opened when it is used first."""
    name = host.replace(".", "_")
    if (made := getattr(_of_thread, name, None)) is None:
        made = http.client.HTTPSConnection(host, timeout=10, context=CONTEXT)
        setattr(_of_thread, name, made)
    known: http.client.HTTPSConnection = made
    return known


class Refused(Exception):
    """AWS answered with an error; the argument is what it said."""


def call(service: str, target: str, version: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Raises Refused."""
    host, body, now = f"{service}.{REGION}.amazonaws.com", json.dumps(asked).encode(), time.gmtime()
    stamp, day = time.strftime("%Y%m%dT%H%M%SZ", now), time.strftime("%Y%m%d", now)
    headers = {
        "content-type": f"application/x-amz-json-{version}",
        "host": host,
        "x-amz-date": stamp,
        "x-amz-security-token": os.environ["AWS_SESSION_TOKEN"],
        "x-amz-target": target,
    }
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"POST\n/\n\n{lines}\n{HEADERS}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{day}/{REGION}/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    signature = _mac(_key(day, service), f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}").hex()
    credential = f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={HEADERS}, Signature={signature}"
    )
    made = connection(host)
    made.request("POST", "/", body, headers)
    answer = made.getresponse()
    said: dict[str, Any] = json.loads(answer.read())
    if answer.status != http.client.OK:
        raise Refused(said)
    return said


def secret(name: str, field: str) -> str:
    """Asked for once in a process's life."""
    stored = call("secretsmanager", "secretsmanager.GetSecretValue", "1.1", {"SecretId": name})
    return str(json.loads(stored["SecretString"])[field])


def _key(day: str, service: str) -> bytes:
    key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in (day, REGION, service, "aws4_request"):
        key = _mac(key, part)
    return key


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
