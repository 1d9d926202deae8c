"""HTTP with the servers on loopback, past any proxy."""

import requests


class NoAnswer(Exception):
    """Nobody listens there, or what came back is no answer."""


def ask(method: str, url: str, *, timeout: float = 5.0) -> tuple[int, object]:
    """Status and body, parsed where it is JSON, else as text. Raises NoAnswer."""
    with requests.Session() as http:
        http.trust_env = False
        try:
            answer = http.request(method, url, timeout=timeout, allow_redirects=False)
        except requests.RequestException as error:
            raise NoAnswer(f"{method} {url}: {error}") from error
        try:
            return answer.status_code, answer.json()
        except ValueError:
            return answer.status_code, answer.text
