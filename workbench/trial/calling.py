"""Calls to POST and GET /v1/requests as IAM wants them: signed with Signature Version 4."""

import json
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.session import Session

from stack import Refused, StackError, StackInfo
from stack.surroundings import DUMMY_KEY
from trial.gallery import Ask

WAIT_S = 20
TIMEOUT_S = 60

_API = re.compile(r"[a-z0-9]+\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?")


class Caller:
    """Somebody who may call the API at this address."""

    def __init__(self, api_url: str, region: str, credentials: Credentials | ReadOnlyCredentials) -> None:
        self._url, self._credentials = api_url.rstrip("/"), credentials
        self._auth = SigV4Auth(credentials, "execute-api", region)

    @classmethod
    def of_stack(cls, info: StackInfo) -> "Caller":
        return cls(info.api_url, info.region, Credentials(DUMMY_KEY, DUMMY_KEY))

    @classmethod
    def signed_in(cls, api_url: str) -> "Caller":
        """With the AWS credentials of whoever runs this. Raises Refused."""
        parts = urlsplit(api_url)
        found = _API.fullmatch(parts.hostname or "")
        if parts.scheme != "https" or not found:
            raise Refused(f"--url {api_url}: write the stack's output ApiUrl, https://….amazonaws.com")
        credentials = Session().get_credentials()
        if credentials is None:
            raise Refused("no AWS credentials: sign in to the account (aws sso login, AWS_PROFILE)")
        return cls(api_url, found["region"], credentials.get_frozen_credentials())

    def ask(self, ask: Ask, *, wait_s: int | None = None) -> requests.Response:
        """wait_s: hold the answer back until it has settled, for so long at most. Raises StackError."""
        headers = {"content-type": "application/json", "idempotency-key": ask.key}
        if wait_s:
            headers["prefer"] = f"wait={wait_s}"
        return self._call("POST", "/v1/requests", headers, json.dumps(ask.fields))

    def found(self, request_id: str) -> requests.Response:
        """Raises StackError."""
        return self._call("GET", f"/v1/requests/{request_id}", {}, None)

    def _call(
        self, method: str, path: str, headers: Mapping[str, str], body: str | None
    ) -> requests.Response:
        request = AWSRequest(method, self._url + path, dict(headers), body or b"")
        self._auth.add_auth(request)
        with requests.Session() as http:
            http.trust_env = not self._url.startswith("http://127.")
            try:
                return http.request(
                    method,
                    self._url + path,
                    data=body,
                    headers=dict(request.headers.items()),
                    timeout=TIMEOUT_S,
                    allow_redirects=False,
                )
            except requests.RequestException as failure:
                raise StackError(f"{method} {path}: {type(failure).__name__}") from failure
