"""Signing what is about to be sent, whatever it is: as the source of a webhook, or as a caller whom IAM knows."""

import time
import uuid
from dataclasses import dataclass

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from requests.auth import AuthBase

from cancellations.source.presets import STANDARD_WEBHOOKS
from cancellations.source.verification.keys import HmacKey
from stack.surroundings import DUMMY_KEY, REGION


@dataclass(frozen=True, slots=True)
class AsSource(AuthBase):
    """Standard Webhooks, under the source's secret; each delivery has an id of its own."""

    secret: str

    def __call__(self, sent: requests.PreparedRequest) -> requests.PreparedRequest:
        (key,) = STANDARD_WEBHOOKS.keys_of(self.secret)
        assert isinstance(key, HmacKey)
        message_id, now = f"msg_{uuid.uuid4().hex}", int(time.time())
        sent.headers["webhook-id"] = message_id
        sent.headers["webhook-timestamp"] = str(now)
        sent.headers["webhook-signature"] = STANDARD_WEBHOOKS.sign(key, body_of(sent), now, message_id)
        return sent


@dataclass(frozen=True, slots=True)
class AsCaller(AuthBase):
    """AWS Signature Version 4. The local AWS knows this key as its account's root and looks at no signature."""

    access_key: str = DUMMY_KEY

    def __call__(self, sent: requests.PreparedRequest) -> requests.PreparedRequest:
        assert sent.method
        assert sent.url
        signed = AWSRequest(sent.method, sent.url, {"host": sent.url.split("/")[2]}, body_of(sent))
        SigV4Auth(Credentials(self.access_key, DUMMY_KEY), "execute-api", REGION).add_auth(signed)
        sent.headers["X-Amz-Date"] = signed.headers["X-Amz-Date"]
        sent.headers["Authorization"] = signed.headers["Authorization"]
        return sent


def body_of(sent: requests.PreparedRequest) -> bytes:
    body = sent.body or b""
    assert isinstance(body, bytes | str)
    return body.encode() if isinstance(body, str) else body


def session(auth: AuthBase | None = None) -> requests.Session:
    """Past any proxy, and past credentials that lie about on the machine."""
    http = requests.Session()
    http.trust_env = False
    http.auth = auth
    return http
