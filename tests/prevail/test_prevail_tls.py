"""TLS listeners: the right one can be trusted, and each of the others is wrong for its own reason."""

import http.client
import socket
import ssl
import time
import warnings

import pytest

from prevail.client import AdminRefused, ApiCaller, Emulator
from prevail.tls import KINDS
from prevail.tokens import sign


def trusting(emulator: Emulator) -> ssl.SSLContext:
    """What a client has that trusts the emulator's authority."""
    return ssl.create_default_context(cadata=emulator.tls_root())


def asked(url: str, context: ssl.SSLContext, host: str = "127.0.0.1") -> int:
    """The status of a list of sessions, over TLS."""
    port = int(url.rpartition(":")[2])
    connection = http.client.HTTPSConnection(host, port, timeout=10, context=context)
    token = sign("acme", "acme" * 10, expires_at=time.time() + 300)
    try:
        connection.request("GET", "/api/v1/sessions", headers={"Authorization": f"Bearer {token}"})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_right_one_leads_to_the_same_emulator(emulator: Emulator, host: str) -> None:
    assert asked(emulator.open_tls("right"), trusting(emulator), host) == 200
    assert len(emulator.calls()) == 1


def test_the_right_one_is_unknown_to_everybody_else(emulator: Emulator) -> None:
    with pytest.raises(
        ssl.SSLCertVerificationError,
        match=r"self-signed certificate in certificate chain|unable to get local issuer",
    ):
        asked(emulator.open_tls("right"), ssl.create_default_context())


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("self-signed", "self-signed certificate"),
        ("expired", "certificate has expired"),
        ("wrong-host", "IP address mismatch, certificate is not valid for '127.0.0.1'"),
    ],
)
def test_a_wrong_certificate_is_wrong_for_its_own_reason(emulator: Emulator, kind: str, why: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=why):
        asked(emulator.open_tls(kind), trusting(emulator))
    assert emulator.calls() == []


@pytest.mark.parametrize("kind", ["self-signed", "expired", "wrong-host"])
def test_nothing_else_is_wrong_with_it(emulator: Emulator, kind: str) -> None:
    careless = trusting(emulator)
    careless.check_hostname = False
    careless.verify_mode = ssl.CERT_NONE
    assert asked(emulator.open_tls(kind), careless) == 200


def test_the_old_one_speaks_nothing_of_today(emulator: Emulator) -> None:
    with pytest.raises(ssl.SSLError):
        asked(emulator.open_tls("old"), trusting(emulator))


def test_the_old_one_speaks_as_they_did(emulator: Emulator) -> None:
    old = trusting(emulator)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.TLSv1
    assert asked(emulator.open_tls("old"), old) == 200


def test_the_stalled_one_never_begins(emulator: Emulator) -> None:
    port = int(emulator.open_tls("stalled").rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=0.3) as plain, pytest.raises(TimeoutError):
        trusting(emulator).wrap_socket(plain, server_hostname="127.0.0.1")


def test_the_plain_listener_speaks_no_tls(emulator: Emulator) -> None:
    with pytest.raises(ssl.SSLError):
        asked(emulator.url, trusting(emulator))


@pytest.mark.parametrize("kind", KINDS)
def test_a_listener_is_opened_once_and_on_loopback(emulator: Emulator, kind: str) -> None:
    url = emulator.open_tls(kind)
    assert url.startswith("https://127.0.0.1:")
    assert emulator.open_tls(kind) == url


def test_an_unknown_kind_is_told_the_known(emulator: Emulator) -> None:
    with pytest.raises(AdminRefused, match="kind: must be one of right, self-signed, expired"):
        emulator.open_tls("sloth")


def test_a_fault_of_the_wire_works_over_tls(emulator: Emulator, acme: ApiCaller) -> None:
    emulator.put_faults({"fault": "reset-head", "count": 1})
    with pytest.raises((ConnectionError, ssl.SSLError, http.client.HTTPException)):
        asked(emulator.open_tls("right"), trusting(emulator))
    assert acme.sessions().status_code == 200
