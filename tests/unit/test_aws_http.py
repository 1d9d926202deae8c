"""Connections to AWS: whom they trust, how they wait, and what they are used for."""

import select
import ssl
from collections.abc import Iterator
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY, create_server, socket
from typing import Any

import certifi
import pytest
from urllib3.exceptions import HTTPError

from bench import hosts
from bench.world import World, world
from cancellations.adapters import aws, tls
from cancellations.adapters.aws import Aws, DynamoTable
from cancellations.errors import Unavailable
from cancellations.writes import Absent, Put, Write

WRITE = Write("K", Absent(("never",)), (Put(("a",), "x"),))


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture(autouse=True)
def environment(around: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://localhost:{around.ports[hosts.DYNAMODB]}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    around.forget()


@pytest.fixture
def root(around: World, tmp_path: Path) -> Path:
    """The file of the one root that the world's certificate is signed with."""
    file = tmp_path / "root.pem"
    file.write_text(around.root_pem, encoding="ascii")
    return file


@pytest.fixture
def trusted(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certifi, "where", lambda: str(root))


def test_whoever_is_signed_by_none_of_the_roots_is_told_nothing(around: World) -> None:
    with pytest.raises(Unavailable):
        DynamoTable(Aws().dynamodb(), hosts.LEDGER).write(WRITE)
    assert around.told().calls == {}


@pytest.mark.usefixtures("trusted")
def test_whoever_bears_another_name_is_told_nothing(around: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://127.0.0.2:{around.ports[hosts.DYNAMODB]}")
    with pytest.raises(Unavailable):
        DynamoTable(Aws().dynamodb(), hosts.LEDGER).write(WRITE)
    assert around.told().calls == {}


def test_roots_that_somebody_chose_for_aws_take_the_place_of_ours(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(root))
    assert DynamoTable(Aws().dynamodb(), hosts.LEDGER).write(WRITE)


def test_connections_under_roots_that_somebody_chose_can_be_left_too(
    around: World, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(root))
    process = Aws()
    table = DynamoTable(process.dynamodb(), hosts.LEDGER)
    table.write(WRITE)
    process.close()
    table.write(WRITE)
    assert around.told().connections[hosts.DYNAMODB] == 2


@pytest.mark.usefixtures("trusted")
def test_the_roots_are_read_once_for_all_connections_of_all_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[object] = []
    read = ssl.SSLContext.load_verify_locations

    def counted(context: ssl.SSLContext, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        reads.append(args or kwargs)
        read(context, *args, **kwargs)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted)
    process = Aws()
    for client in (process.dynamodb(), process.dynamodb(aws.QUICK_CALLS)):
        DynamoTable(client, hosts.LEDGER).write(WRITE)
    tls.context()
    assert len(reads) == 1


@pytest.mark.usefixtures("trusted")
def test_a_connection_that_was_opened_beforehand_is_the_one_that_is_used(around: World) -> None:
    process = Aws()
    table = DynamoTable(process.dynamodb(), hosts.LEDGER)
    process.open("dynamodb")
    _wait_for_tickets(process)
    table.write(WRITE)
    assert around.told().connections[hosts.DYNAMODB] == 1


@pytest.mark.usefixtures("trusted")
def test_a_connection_whose_peer_has_hung_up_is_not_used_again(around: World) -> None:
    process = Aws()
    table = DynamoTable(process.dynamodb(), hosts.LEDGER)
    process.open("dynamodb")
    around.hang_up()
    table.write(WRITE)
    assert around.told().connections[hosts.DYNAMODB] == 2


@pytest.mark.usefixtures("trusted")
def test_what_could_not_be_opened_is_opened_anew(around: World, monkeypatch: pytest.MonkeyPatch) -> None:
    process = Aws()
    table = DynamoTable(process.dynamodb(aws.QUICK_CALLS), hosts.LEDGER)  # which tries once
    with monkeypatch.context() as failing:
        failing.setattr(ssl.SSLSocket, "do_handshake", _reset)
        with pytest.raises((HTTPError, OSError)):
            process.open("dynamodb")
    table.write(WRITE)
    assert around.told().calls["dynamodb:UpdateItem"] == 1


def _reset(*_: object, **__: object) -> None:
    raise ConnectionResetError


@pytest.mark.usefixtures("trusted")
def test_through_a_proxy_nothing_is_opened_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be the proxy that is taken for AWS, and told what AWS alone may hear."""
    monkeypatch.setenv("NO_PROXY", "")
    with create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        process = Aws()
        process.dynamodb()
        process.open("dynamodb")
        assert select.select([proxy], [], [], 0) == ([], [], [])


@pytest.mark.usefixtures("trusted")
def test_what_is_written_is_sent_at_once() -> None:
    process = Aws()
    process.dynamodb()
    process.open("dynamodb")
    assert _connected(process).getsockopt(IPPROTO_TCP, TCP_NODELAY)


@pytest.mark.usefixtures("trusted")
def test_a_header_and_its_body_are_sent_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    send = ssl.SSLSocket.sendall

    def counted(connection: ssl.SSLSocket, data: Any, flags: int = 0) -> None:  # noqa: ANN401 - any buffer
        sent.append(bytes(data))
        send(connection, data, flags)

    monkeypatch.setattr(ssl.SSLSocket, "sendall", counted)
    assert DynamoTable(Aws().dynamodb(), hosts.LEDGER).write(WRITE)
    (whole,) = sent
    header, _, body = whole.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in header
    assert b"UpdateExpression" in body


@pytest.mark.usefixtures("trusted")
def test_an_answer_that_botocore_repeats_is_repeated(around: World) -> None:
    """Its own rules still hold: one more try where AWS says that it is at fault."""
    around.fail(hosts.DYNAMODB, 1)
    assert DynamoTable(Aws().dynamodb(), hosts.LEDGER).write(WRITE)
    assert around.told().calls["dynamodb:UpdateItem"] == 2


def _connected(process: Aws) -> socket:
    ((_, made),) = process._senders  # noqa: SLF001 - the socket shows itself nowhere else
    sender: Any = made
    (pool,) = sender._manager.pools._container.values()  # noqa: SLF001
    connected = next(one for one in pool.pool.queue if one is not None)
    found: socket = connected.sock
    return found


def _wait_for_tickets(process: Aws) -> None:
    """Until something lies unread that nobody has asked for."""
    assert select.select([_connected(process)], [], [], 10)[0]
