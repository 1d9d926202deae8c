"""HTTP to one address and to nowhere else: no proxy, no netrc, no cookie, no redirect, nothing repeated."""

from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy

import requests

from cancellations.adapters.wire import CONNECT_S, DeadlineAdapter


class _Session(requests.Session):
    """Never looks where a redirect points: `requests` reads its whole body to find out, even when told not to go."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        resp.headers.pop("location", None)


class Direct:
    """To be used inside `wire.exchange`, which gives each call its total deadline."""

    def __init__(self, connections: int, total_s: float) -> None:
        self._total_s = total_s
        self._session = _Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.clear()
        self._adapter = DeadlineAdapter(connections)
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", self._adapter)

    def call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> requests.Response:
        """The answer with its body unread. Raises requests' errors, and OSError."""
        request = requests.Request(
            method,
            url,
            headers={
                **headers,
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Accept-Encoding": "identity",  # nothing to inflate, so nothing that inflates without end
                "User-Agent": "prevail-cancellations",
            },
            data=body,
        )
        prepared = self._session.prepare_request(request)
        if prepared.url != url:
            raise requests.exceptions.InvalidURL("the address changed while it was prepared")
        self._adapter.drop_idle()
        timeout = min(CONNECT_S, self._total_s), self._total_s
        return self._session.send(prepared, stream=True, timeout=timeout, allow_redirects=False, verify=True)
