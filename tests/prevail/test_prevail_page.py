"""The page at /: what is where, in HTML that nothing from outside can break."""

from html.parser import HTMLParser

import pytest
import requests

from prevail.client import ApiCaller, Emulator

HOSTILE = '<script>alert("1")</script>&amp;'
VOID = {"meta"}


class Page(HTMLParser):
    """`texts` are those between tags; `open` are tags that no end closed; `tags` all there were."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())


def seen(emulator: Emulator) -> Page:
    answer = requests.get(emulator.url, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    return Page(answer.text)


def test_it_shows_what_there_is(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_session("s-1", organization="acme", state="ready", title="Doe v. Roe")
    emulator.put_switches(already_canceled=422)
    emulator.put_faults({"fault": "503-date", "session": "s-9"})
    url = emulator.open_tls("expired")
    acme.cancel("s-1")
    acme.cancel("s-9")
    texts = seen(emulator).texts
    for one in (
        "s-1",
        "canceled",
        "Doe v. Roe",
        "deponent@example.com",
        "PATCH /api/v1/sessions/s-1/cancel",
        "503-date",
        "already_canceled",
        "422",
        url,
    ):
        assert one in texts


def test_every_switch_is_there(emulator: Emulator) -> None:
    texts = seen(emulator).texts
    assert set(emulator.put_switches()) <= set(texts)


def test_what_comes_from_outside_is_text(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_organization(HOSTILE.replace("/", ""), api_key="x" * 40)
    name = HOSTILE.replace("/", "")
    emulator.put_session(name, organization="acme", state="ready", title=HOSTILE, participants=[f"{name}@x"])
    acme.cancel(name)
    acme.ask("GET", "/api/v1/%ED%A0%80/" + HOSTILE, start_time=HOSTILE[:10])
    page = seen(emulator)
    assert "script" not in page.tags
    assert page.open == []
    assert HOSTILE in page.texts


def test_it_needs_nothing_from_anywhere(emulator: Emulator) -> None:
    answer = requests.get(emulator.url, timeout=10)
    assert Page(answer.text).addresses == ["/openapi.json"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_it_reloads_itself(emulator: Emulator) -> None:
    assert '<meta http-equiv="refresh" content="2">' in requests.get(emulator.url, timeout=10).text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_made_for_light_and_dark(emulator: Emulator, scheme: str) -> None:
    text = requests.get(emulator.url, timeout=10).text
    assert "color-scheme: light dark" in text
    assert scheme in text


def test_looking_at_it_is_no_call(emulator: Emulator) -> None:
    seen(emulator)
    assert emulator.calls() == []
