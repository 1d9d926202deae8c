"""Prevail's cancel, as documented: a token that is checked, a session that is canceled once."""

import base64
import hmac
import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field

from bench.fakes.http import Answer, Asked

_CANCEL = re.compile(r"/api/v1/sessions/([^/?]+)/cancel(\?.*)?")


@dataclass(slots=True)
class Prevail:
    """Every session that somebody names is ready until it is canceled."""

    slug: str
    api_key: str
    patched: Counter[str] = field(default_factory=Counter)
    """How often each session was asked to be canceled, whatever the answer."""
    calls: Counter[str] = field(default_factory=Counter)

    def __call__(self, asked: Asked) -> Answer:
        self.calls[f"prevail:{asked.method}"] += 1
        named = _CANCEL.fullmatch(asked.target)
        if asked.method != "PATCH" or not named:
            return _says(404, error="Not Found")
        self.patched[named[1]] += 1
        if not self._knows(asked.headers.get("authorization", "")):
            return _says(401, error="Unauthorized")
        if self.patched[named[1]] > 1:
            return _says(422, error="The session cannot be canceled in its state.")
        return _says(200, messages="Session successfully canceled.")

    def _knows(self, authorization: str) -> bool:
        signed, _, signature = authorization.removeprefix("Bearer ").rpartition(".")
        expected = hmac.digest(self.api_key.encode(), signed.encode(), "sha256")
        if not hmac.compare_digest(_decoded(signature), expected):
            return False
        claims = json.loads(_decoded(signed.rpartition(".")[2]))
        return bool(claims["slug"] == self.slug and claims["exp"] > time.time())


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _says(status: int, **words: str) -> Answer:
    return Answer(status, json.dumps(words).encode(), "application/json")
