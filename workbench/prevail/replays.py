"""Idempotency-Key, where the switch says that it is honored: one key, one effect, one answer."""

from collections.abc import Callable

from prevail.asks import Ask
from prevail.reply import Reply


class Replays:
    def __init__(self) -> None:
        self._replies: dict[tuple[str, str, str, str], Reply] = {}

    def once(self, ask: Ask, call: Callable[[], Reply]) -> Reply:
        """The reply of the first call with the same key, organization, method and path; else that of this one."""
        key = ask.request.headers.get("idempotency-key")
        if ask.switches.idempotency_key == "ignored" or key is None or ask.request.method == "GET":
            return call()
        whole = (ask.caller.organization.slug, ask.request.method, ask.request.scope["path"], key)
        if whole not in self._replies:
            self._replies[whole] = call()
        return self._replies[whole]
