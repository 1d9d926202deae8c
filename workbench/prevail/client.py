"""Two typed clients for whoever drives an emulator: its admin API, and calls as an organization makes them."""

from collections.abc import Iterable, Mapping
from typing import Any, Unpack
from urllib.parse import quote

import requests

from prevail.model import Call, Email, Kind, Postback, SessionReport, Totals
from prevail.seeds import NamedSessionSeed, SessionSeed
from prevail.switch import Value


class AdminRefused(Exception):
    """`status` is 400 for a wrong field (the message names it), 404 where there is no such session."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Emulator:
    """The admin API. Safe to share between threads. Raises AdminRefused, or requests' own errors."""

    def __init__(self, url: str, *, timeout_s: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self._timeout_s = timeout_s

    def healthy(self) -> bool:
        """False where nothing answers, too: for waiting until an emulator is up."""
        try:
            return self._ask("GET", "health") == {"status": "ok"}
        except (requests.ConnectionError, requests.Timeout):
            return False

    def put_organization(
        self, slug: str, *, api_key: str, self_service: bool = True, kind: Kind = "self_service"
    ) -> None:
        body = {"api_key": api_key, "self_service": self_service, "kind": kind}
        self._ask("PUT", f"organizations/{quote(slug, safe='')}", body)

    def put_session(self, remote_session_id: str, **seed: Unpack[SessionSeed]) -> SessionReport:
        return _report(self._ask("PUT", f"sessions/{quote(remote_session_id, safe='')}", seed))

    def put_sessions(self, seeds: Iterable[NamedSessionSeed]) -> None:
        """All of them or, where one is wrong, none."""
        self._ask("PUT", "sessions", list(seeds))

    def session(self, remote_session_id: str) -> SessionReport:
        return _report(self._ask("GET", f"sessions/{quote(remote_session_id, safe='')}"))

    def sessions(self) -> list[SessionReport]:
        return [_report(row) for row in self._ask("GET", "sessions")["sessions"]]

    def schedule(self, remote_session_id: str) -> SessionReport:
        """What Prevail's Scheduling Team does with a session in initial."""
        return _report(self._ask("POST", f"sessions/{quote(remote_session_id, safe='')}/schedule"))

    def outbox(self) -> list[Email]:
        return [Email(**row) for row in self._ask("GET", "outbox")["emails"]]

    def postbacks(self) -> list[Postback]:
        return [Postback(**row) for row in self._ask("GET", "postbacks")["postbacks"]]

    def totals(self) -> Totals:
        row = self._ask("GET", "totals")
        return Totals(**{**row, "per_second": tuple((second, calls) for second, calls in row["per_second"])})

    def calls(self, since: int = 0) -> list[Call]:
        """API calls in order of answer, from index `since`; the next index is `calls[-1].index + 1`."""
        return [Call(**row) for row in self._ask("GET", f"calls?since={since}")["calls"]]

    def put_switches(self, **switches: Value) -> dict[str, Value]:
        """Those named; gives all of them as they stand then."""
        return self._ask("PUT", "switches", switches)

    def put_switches_of(self, organization: str, **switches: Value) -> dict[str, Value]:
        """Those named, for one organization."""
        return self._ask("PUT", f"organizations/{quote(organization, safe='')}/switches", switches)

    def put_faults(
        self,
        *rules: Mapping[str, object],
        silent_after_commit: float = 0.0,
        seed: int = 0,
    ) -> None:
        """In the place of all rules there were. `silent_after_commit` is the share of PATCHes, 0 to 1, that take
        effect and are never answered."""
        body = {"rules": list(rules), "silent_after_commit": silent_after_commit, "seed": seed}
        self._ask("PUT", "faults", body)

    def add_fault(self, fault: str, **where: object) -> None:
        """`fault` as docs/emulator.md writes it; `where` holds the other fields of a rule."""
        self._ask("POST", "faults", {"fault": fault, **where})

    def faults(self) -> list[dict[str, Any]]:
        """The rules, with their hits."""
        rules: list[dict[str, Any]] = self._ask("GET", "faults")["rules"]
        return rules

    def open_tls(self, kind: str) -> str:
        """The URL of a listener of that kind."""
        return str(self._ask("PUT", f"tls/{kind}")["url"])

    def tls_root(self) -> str:
        """In PEM: what a client must trust to find no fault with the kind `right`."""
        return str(self._ask("GET", "tls")["root_pem"])

    def state(self) -> dict[str, Any]:
        """All that it knows, API keys included."""
        return self._ask("GET", "state")

    def put_state(self, state: Mapping[str, object]) -> None:
        self._ask("PUT", "state", state)

    def reset(self) -> None:
        """Forgets everything: organizations, sessions, e-mails, calls, counts and faults. Switches go back."""
        self._ask("POST", "reset")

    def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        answer = send(method, f"{self.url}/_emulator/{path}", timeout_s=self._timeout_s, json=body)
        content: dict[str, Any] = answer.json()
        if not answer.ok:
            raise AdminRefused(answer.status_code, content["error"])
        return content


class ApiCaller:
    """The documented API, past the product: whoever else cancels at Prevail. Answers come as they are.

    `token` is sent as it is, None sends no Authorization; `prevail.tokens.sign` makes a good one.
    """

    def __init__(self, url: str, token: str | None, *, timeout_s: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self._timeout_s = timeout_s
        self.headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token is not None:
            self.headers["Authorization"] = f"Bearer {token}"

    def cancel(self, remote_session_id: str, **parameters: str) -> requests.Response:
        return self.ask("PATCH", f"/api/v1/sessions/{quote(remote_session_id, safe='')}/cancel", **parameters)

    def edit(self, remote_session_id: str, **remote_session: object) -> requests.Response:
        path = f"/api/v1/sessions/{quote(remote_session_id, safe='')}"
        return self.ask("PATCH", path, json={"remote_session": remote_session})

    def sessions(self, **parameters: str) -> requests.Response:
        return self.ask("GET", "/api/v1/sessions", **parameters)

    def session_requests(self, **parameters: str) -> requests.Response:
        return self.ask("GET", "/api/v1/session_requests", **parameters)

    def request_session(self, session_request: Mapping[str, object]) -> requests.Response:
        return self.ask("POST", "/api/v1/session_requests", json={"session_request": session_request})

    def ask(self, method: str, path: str, *, json: object = None, **parameters: str) -> requests.Response:
        url, headers = self.url + path, self.headers
        return send(method, url, timeout_s=self._timeout_s, params=parameters, headers=headers, json=json)


def send(
    method: str,
    url: str,
    *,
    timeout_s: float,
    json: object = None,
    params: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> requests.Response:
    with requests.Session() as http:
        http.trust_env = False  # a proxy has no business between two loopback ends
        return http.request(
            method, url, json=json, params=params, headers=headers, timeout=timeout_s, allow_redirects=False
        )


def _report(row: dict[str, Any]) -> SessionReport:
    return SessionReport(**{**row, "participants": tuple(row["participants"])})
