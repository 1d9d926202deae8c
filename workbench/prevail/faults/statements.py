"""What some faults say in an answer's place."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from prevail.faults.fault import Scene
from prevail.outgoing import Outgoing, html_answer, json_answer, titled
from prevail.retry_after import RetryAfter, retry_after

type Statement = Callable[[Outgoing, Scene], Outgoing]

BODIES: Mapping[str, tuple[bytes, str | None]] = {
    "empty": (b"", None),
    "html": (b"<!DOCTYPE html><title>Prevail</title><p>Done.</p>\n", "text/html; charset=utf-8"),
    "broken": (b'{"messages": "Session succ', "application/json"),
    "list": (b"[1]", "application/json"),
    "null": (b"null", "application/json"),
    "binary": (b"\xff\xfe\x00\x80", "application/json"),
    "deep": (b"[" * 60_000, "application/json"),
}

PLACES: Mapping[str, Callable[[Scene], str]] = {
    # localhost is this emulator as well, and another origin all the same: whoever follows is in the log of calls.
    "other": lambda scene: _other_name(scene.origin) + "/elsewhere",
    "relative": lambda _: "/elsewhere",
    "itself": lambda scene: scene.origin + scene.target,
    "nonsense": lambda _: "http://[::1",
}


def bad_gateway() -> Outgoing:
    """What a proxy in front of a server that did not answer says."""
    return html_answer(502, titled(502))


def status(code: int, form: RetryAfter, wait: int) -> Statement:
    def says(_: Outgoing, scene: Scene) -> Outgoing:
        answer = json_answer(code, {"error": titled(code).partition(" ")[2]})
        return answer.with_headers(*retry_after(form, wait, scene.now))

    return says


def body(kind: str) -> Statement:
    content, content_type = BODIES[kind]
    return lambda answer, _: replace(answer, body=content, content_type=content_type)


def redirect(code: int, place: str) -> Statement:
    def says(_: Outgoing, scene: Scene) -> Outgoing:
        return html_answer(code, titled(code)).with_headers(("Location", PLACES[place](scene)))

    return says


def _other_name(origin: str) -> str:
    if "//localhost" in origin:
        return origin.replace("//localhost", "//127.0.0.1", 1)
    return origin.replace("//127.0.0.1", "//localhost", 1)
