"""A JWT goes to the postback_url of a session that Prevail scheduled, and nowhere else."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from urllib.parse import parse_qs

import jwt
import pytest

from prevail.client import ApiCaller, Emulator
from prevail.model import Postback
from prevail.server import listening

KEY = "acme" * 10


class Listener(ThreadingHTTPServer):
    """`heard` are the content type and the body of each POST; `answer` is what it says to them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.heard: Queue[tuple[str, str]] = Queue()
        self.answer = 204
        self.url = f"http://127.0.0.1:{self.server_port}/scheduled"


class _Answering(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.heard.put((self.headers["Content-Type"], body))
        self.send_response(self.server.answer)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


def scheduled(emulator: Emulator, postback_url: str) -> None:
    emulator.put_organization("acme", api_key=KEY, kind="requests")
    emulator.put_session("s-1", organization="acme", state="initial", title="Doe", postback_url=postback_url)
    emulator.schedule("s-1")


def the_one(emulator: Emulator) -> Postback:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if found := emulator.postbacks():
            (one,) = found
            return one
        time.sleep(0.01)
    raise TimeoutError("no postback")


BODIES: dict[str, tuple[str, Callable[[str], str]]] = {
    "token": ("application/jwt", str),
    "json": ("application/json", lambda body: str(json.loads(body)["jwt_payload"])),
    "form": ("application/x-www-form-urlencoded", lambda body: parse_qs(body)["jwt_payload"][0]),
}


@pytest.mark.parametrize("form", BODIES)
def test_a_scheduled_session_is_posted_as_a_token(emulator: Emulator, listener: Listener, form: str) -> None:
    emulator.put_switches(postback_body=form)
    scheduled(emulator, listener.url)
    kind, body = listener.heard.get(timeout=15)
    content_type, token_in = BODIES[form]
    claims = jwt.decode(token_in(body), KEY, algorithms=["HS256"])
    assert kind == content_type
    assert (claims["slug"], claims["session_state"], claims["remote_session_id"], claims["title"]) == (
        "acme",
        "scheduled",
        "s-1",
        "Doe",
    )


def test_what_became_of_it_is_told(emulator: Emulator, listener: Listener) -> None:
    listener.answer = 500
    scheduled(emulator, f"{listener.url}?secret=1")
    assert (the_one(emulator).outcome, the_one(emulator).url) == ("500", listener.url)


def test_a_redirect_is_not_followed(emulator: Emulator, listener: Listener) -> None:
    listener.answer = 307
    scheduled(emulator, listener.url)
    assert the_one(emulator).outcome == "307"
    assert listener.heard.qsize() == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://prevail.example/scheduled",
        "http://192.0.2.1/scheduled",
        "http://0.0.0.0/scheduled",
        "http://127.0.0.1.example/scheduled",
        "https://127.0.0.1/scheduled",
        "file:///scheduled",
        "scheduled",
        "http://[::1",
        "http://127.0.0.1:port/scheduled",
    ],
)
def test_no_other_address_than_this_machine_is_called(emulator: Emulator, address: str) -> None:
    scheduled(emulator, address)
    assert the_one(emulator).outcome.startswith("not sent: ")


def test_an_address_where_nobody_listens_is_told(emulator: Emulator) -> None:
    with listening(0) as closed:
        port = closed.getsockname()[1]
    scheduled(emulator, f"http://localhost:{port}/")
    assert the_one(emulator).outcome == "failed: ConnectionRefusedError"


@pytest.mark.parametrize("switch", [True, False])
def test_a_session_that_is_ready_at_once_posts_nothing_unless_told_to(
    emulator: Emulator, listener: Listener, acme: ApiCaller, switch: bool
) -> None:
    emulator.put_switches(postback_for_ready=switch)
    remote_session = {
        "title": "Doe",
        "case": "4711",
        "start_date": "2027-03-01",
        "start_time": "09:05 AM",
        "time_zone": "UTC",
    }
    acme.request_session({"remote_session": remote_session, "postback_url": listener.url})
    if switch:
        assert the_one(emulator).outcome == "204"
    else:
        assert (emulator.postbacks(), listener.heard.qsize()) == ([], 0)
