"""Which addresses may be configured. Each refusal names what is wrong, and repeats nothing that may be a secret."""

import time
from collections.abc import Callable

import pytest

from cancellations.urls import (
    Fault,
    fault_of_address,
    fault_of_callback,
    fault_of_origin,
    fault_of_public_url,
    host_and_target,
    is_loopback,
)

FLOW = (
    "https://prod-26.uksouth.logic.azure.com{port}/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/"
    "invoke?api-version=2016-06-01&sp={sp}&sv=1.0&sig=EXAMPLE"
)
"""How Power Automate and Logic Apps are called."""

FLOWS = [
    FLOW.format(port=port, sp=sp) for port in ("", ":443") for sp in ("/t/run", "%2Ft%2Frun", "%2ft%2frun")
]


def of_callback(url: str) -> Fault | None:
    return fault_of_callback(url, under_test=False)


type Judge = Callable[[str], Fault | None]

ANY = (fault_of_address, of_callback, fault_of_public_url)

# ── Addresses ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("judge", ANY)
@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example.com",
        "https://crm.example.com/",
        "https://crm.example.com/hooks/",
        "https://crm.example.com//hooks",
        "https://crm.example.com?tenant=1",
        "https://crm.example.com/hooks?",
        "https://crm.example.com:443/hooks",
        "https://crm.example.com/.well-known/jwks.json",
        "https://tenant.eu.auth0.com/.well-known/jwks.json",
        "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_EXAMPLE00/.well-known/jwks.json",
        "https://login.microsoftonline.com/1-2/discovery/v2.0/keys?appid=66666666-7777-8888-9999-000000000000",
        "https://crm.example.com/a@b:c+d,e;f=g!h$i&j'k(l)m*n~o",
        "https://crm.example.com/%41%c3%a9/a%2Fb/...",
        "https://crm.example.com/a?b=/c?d:e@f&g",
        "https://xn--e1afmkfd.example/hooks",
        f"https://{'a' * 63}.example/",
        f"https://{'a.' * 123}example/",
        *FLOWS,
    ],
)
def test_an_address_has_a_host_name_a_path_and_a_query(judge: Judge, url: str) -> None:
    assert judge(url) is None


@pytest.mark.parametrize("judge", ANY)
@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("", "is not https"),
        ("https", "is not https"),
        ("crm.example.com/hooks", "is not https"),
        ("http://crm.example.com/hooks", "is not https"),
        ("https:/crm.example.com/hooks", "is not https"),
        ("javascript:alert()//https://crm.example.com", "is not https"),
        ("https://", "has no host name"),
        ("https:///hooks", "has no host name"),
        ("https://?x=1", "has no host name"),
        ("https://:443/hooks", "has no host name"),
        ("https://user@crm.example.com/hooks", "has a user name before its host"),
        ("https://user:word@crm.example.com/hooks", "has a user name before its host"),
        ("https://@crm.example.com/hooks", "has a user name before its host"),
        ("https://crm.example.com:443@evil.example/hooks", "has a user name before its host"),
        ("https://crm.example.com:8443/hooks", "has port 8443"),
        ("https://crm.example.com:80", "has port 80"),
        ("https://crm.example.com:0443/hooks", "has port 0443"),
        ("https://crm.example.com:/hooks", "has a colon but no port after its host"),
        ("https://crm.example.com:0/hooks", "has a port that is not from 1 to 65535"),
        ("https://crm.example.com:99999/hooks", "has a port that is not from 1 to 65535"),
        ("https://crm.example.com:https/hooks", "has something else than a port after its host"),
        ("https://crm.example.com:443:443/hooks", "has something else than a port after its host"),
        ("https://crm.example.com/hooks#top", "has a fragment (# at position 30)"),
        ("https://crm.example.com#@evil.example", "has a fragment (# at position 24)"),
        ("https://crm.example.com/hooks?x=1#", "has a fragment (# at position 34)"),
        ("https://evil.example\\@crm.example.com", "has a backslash at position 21"),
        ("https:\\\\crm.example.com", "has a backslash at position 7"),
        (" https://crm.example.com", "has the character U+0020 at position 1"),
        ("https://crm.example.com/a b", "has the character U+0020 at position 26"),
        ("https://crm.example.com/hooks\n", "has the character U+000A at position 30"),
        ("https://crm.exam\tple.com/hooks", "has the character U+0009 at position 17"),
        ("https://crm.example.com\r\nHost: evil.example", "has the character U+000D at position 24"),
        ("https://crm.example.com/a\x00", "has the character U+0000 at position 26"),
        ("https://crm.example.com/a\x7f", "has the character U+007F at position 26"),
        ("https://crm.example.com/é", "has the character U+00E9 at position 25"),
        ("https://crm\u3002example.com/hooks", "has the character U+3002 at position 12"),
        ("https://crm.e\u212aample.com/hooks", "has the character U+212A at position 14"),
        ("https://crm.example.com/hooks?x=\ud800", "has the character U+D800 at position 33"),
        ("https://crm.example.com/a/../b", "has the segment '..' in its path"),
        ("https://crm.example.com/./b", "has the segment '.' in its path"),
        ("https://crm.example.com/a/..", "has the segment '..' in its path"),
        ("https://crm.example.com/a/%2e%2E/b", "has the segment '..' in its path"),
        ("https://crm.example.com/a/.%2e/b", "has the segment '..' in its path"),
        ("https://crm.example.com/a%2f..%2Fb", "has the segment '..' in its path"),
        ("https://crm.example.com/a%5C..%5cb", "has the segment '..' in its path"),
        ("https://crm.example.com/a/..;x=1/b", "has the segment '..' in its path"),
        ("https://crm.example.com/a/..%3bx/b", "has the segment '..' in its path"),
        ("https://crm.example.com/a|b", "has '|' in its path"),
        ("https://crm.example.com/{id}", "has '{' in its path"),
        ('https://crm.example.com/"', "has '\"' in its path"),
        ("https://crm.example.com/100%", "has a broken percent-escape in its path"),
        ("https://crm.example.com/%4", "has a broken percent-escape in its path"),
        ("https://crm.example.com/%zz", "has a broken percent-escape in its path"),
        ("https://crm.example.com/%%41", "has a broken percent-escape in its path"),
        ("https://crm.example.com/?a=1&b=<>", "has '<' in parameter 2 of its query"),
        ("https://crm.example.com/?a=1&b=%2", "has a broken percent-escape in parameter 2 of its query"),
        ("https://crm.example.com./hooks", "has a dot too many in its host name"),
        ("https://.crm.example.com/hooks", "has a dot too many in its host name"),
        ("https://crm..example.com/hooks", "has a dot too many in its host name"),
        ("https://-crm.example.com/hooks", "has a part of its host name that begins or ends with a hyphen"),
        ("https://crm-.example.com/hooks", "has a part of its host name that begins or ends with a hyphen"),
        ("https://*.example.com/hooks", "has '*' in its host name"),
        ("https://%70revail.ai/hooks", "has '%' in its host name"),
        ("https://crm_1.example.com/hooks", "has '_' in its host name"),
        ("https://localhost/hooks", "has a host name without a dot"),
        ("https://crm/hooks", "has a host name without a dot"),
        (f"https://{'a' * 64}.example/", "has 64 characters between two dots of its host name"),
        (f"https://{'a.' * 124}example/", "has a host name of 255 characters"),
        (f"https://crm.example.com/{'a' * 10_000}", "has 10024 characters"),
    ],
)
def test_a_refusal_names_what_is_wrong(judge: Judge, url: str, fault: str) -> None:
    found = judge(url)
    assert found is not None
    assert found[0] == fault
    assert found[1]


@pytest.mark.parametrize("judge", [*ANY, fault_of_origin])
@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.5",
        "127.0.0.1",
        "127.1",
        "127.0.0.01",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "169.254.169.254",
        "169.254.43518",
        "1.1.1.256",
        "127.0.0.0x1",
        "169.254.0xa9fe",
        "[::1]",
        "[::ffff:169.254.169.254]",
        "[fe80::1%25eth0]",
        "[v1.x]",
        "[",
    ],
)
def test_ip_addresses_are_refused_in_every_spelling(judge: Judge, host: str) -> None:
    found = judge(f"https://{host}")
    assert found is not None
    assert found[0] == "has an IP address as its host"


@pytest.mark.parametrize("host", ["\uff11\uff12\uff17.0.0.1", "\u2460.2.3.4", "127\u30020\u30020\u30021"])
def test_digits_that_are_not_ascii_are_refused(host: str) -> None:
    assert fault_of_address(f"https://{host}/")


@pytest.mark.parametrize("judge", [fault_of_address, of_callback])
@pytest.mark.parametrize(
    "host",
    [
        "app.localhost",
        "printer.local",
        "instance-data.ec2.internal",
        "metadata.google.internal",
        "nas.home.arpa",
        "crm.invalid",
        "crm.test",
        "crm.onion",
    ],
)
def test_a_name_that_is_not_public_is_not_called(judge: Judge, host: str) -> None:
    found = judge(f"https://{host}/hooks")
    assert found is not None
    assert found[0].startswith("has a host name that ends in .")


def test_a_public_url_may_have_a_name_of_a_private_network() -> None:
    assert fault_of_public_url("https://hooks.corp.internal/v1/webhooks/square") is None


@pytest.mark.parametrize("url", ["HTTPS://Hooks.Example.com/v1", "https://Hooks.Example.com:443/v1/?A=b"])
def test_a_public_url_is_as_the_sender_has_it_to_the_letter(url: str) -> None:
    assert fault_of_public_url(url) is None


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("HTTPS://crm.example.com/hooks", "is not https"),
        ("Https://crm.example.com/hooks", "is not https"),
        ("https://CRM.example.com/hooks", "has capital letters in its host name"),
    ],
)
def test_an_address_that_we_call_is_in_lower_case(url: str, fault: str) -> None:
    found = fault_of_address(url)
    assert found is not None
    assert found[0] == fault


@pytest.mark.parametrize(
    "spoilt",
    [
        "https://crm.example.com/hooks?x=1&sig={}#rest",
        "https://crm.example.com/hooks?x=1&sig={} ",
        "https://crm.example.com/hooks?x=1&sig=|{}",
        "https://crm.example.com/hooks?x=1&{}=|",
        "https://crm.example.com/hooks?x=1&sig={}%",
        "https://crm.example.com/hooks#{}",
        "https://crm.example.com/../{}?sig={}",
        "https://crm.example.com:8443/{}?sig={}",
        "https://user:{}@crm.example.com/hooks",
        "https://crm.example.com:{}/hooks",
        "http://crm.example.com/{}?sig={}",
        "http://127.0.0.1:9001/{}?sig={}",
    ],
)
def test_a_refusal_repeats_no_secret(spoilt: str) -> None:
    url = spoilt.replace("{}", "hushhush")
    assert "hush" not in str(of_callback(url))
    assert of_callback(url)


@pytest.mark.parametrize("judge", [*ANY, fault_of_origin])
@pytest.mark.parametrize(
    "part", ["a", "/", "/.", "a/", "%", "%2e/", ".", "-", "@", ":", "?", "&", "=", "#", "[", "é", "\\"]
)
def test_an_endless_address_is_judged_at_once(judge: Judge, part: str) -> None:
    """Also one of the greatest length that is read to its end. The least of three: a busy machine fails nothing."""
    repeated = [part * (length // len(part)) for length in (2_000, 100_000)]

    def seconds() -> float:
        begun = time.process_time()
        for text in repeated:
            judge(f"https://crm.example.com/{text}\n")
            judge(f"https://{text}")
        return time.process_time() - begun

    assert min(seconds() for _ in range(3)) < 0.02


@pytest.mark.parametrize(
    ("url", "host", "target"),
    [
        ("https://crm.example.com", "crm.example.com", "/"),
        ("https://crm.example.com:443?x=1", "crm.example.com", "/?x=1"),
        ("https://crm.example.com/a?", "crm.example.com", "/a?"),
        ("https://crm.example.com/a?b=/c?d", "crm.example.com", "/a?b=/c?d"),
    ],
)
def test_what_is_asked_for_is_path_and_query(url: str, host: str, target: str) -> None:
    assert host_and_target(url) == (host, target)


# ── Origins ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url", ["https://prevail.ai", "https://eu.prevail-api.example", "https://xn--e1afmkfd.example"]
)
def test_a_scheme_and_a_host_name_are_an_origin(url: str) -> None:
    assert fault_of_origin(url) is None


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("", "is not https"),
        ("prevail.ai", "is not https"),
        ("http://prevail.ai", "is not https"),
        ("HTTPS://prevail.ai", "is not https"),
        ("ftp://prevail.ai", "is not https"),
        ("file:///etc/passwd", "is not https"),
        ("https://", "has no host name"),
        ("https://prevail.ai/", "has a path after its host"),
        ("https://prevail.ai/api", "has a path after its host"),
        ("https://prevail.ai?", "has a query after its host"),
        ("https://prevail.ai?x=", "has a query after its host"),
        ("https://prevail.ai:443", "has port 443"),
        ("https://prevail.ai:22", "has port 22"),
        ("https://prevail.ai:", "has a colon but no port after its host"),
        ("https://prevail.ai#", "has a fragment (# at position 19)"),
        ("https://prevail.ai@evil.example", "has a user name before its host"),
        ("https://pr\u0435vail.ai", "has the character U+0435 at position 11"),
        ("https://Prevail.ai", "has capital letters in its host name"),
        ("https://prevail", "has a host name without a dot"),
        ("https://prevail.internal", "has a host name that ends in .internal"),
    ],
)
def test_an_origin_with_more_than_that_is_refused(url: str, fault: str) -> None:
    assert fault_of_origin(url) == (fault, 'write an origin such as "https://prevail.ai"')


# ── This machine ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9001/2018-06-01/runtime/next", "http://localhost", "http://localhost/a"]
)
def test_a_callback_on_this_machine_is_for_tests_alone(url: str) -> None:
    found = of_callback(url)
    assert found is not None
    assert found[0] == "is on this machine"
    assert fault_of_callback(url, under_test=True) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080@crm.example.com/hook",
        "http://127.0.0.1:99999/hook",
        "http://127.0.0.1:8080/a/../b",
        "http://127.0.0.1:8080/a#b",
        "http://127.0.0.1:8080/a?b=%",
        "http://127.0.0.2/hook",
        "https://127.0.0.1/hook",
        "https://localhost/hook",
    ],
)
def test_even_under_test_no_other_is_called(url: str) -> None:
    assert fault_of_callback(url, under_test=True)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1", "http://127.0.0.1:4010", "http://localhost", "http://localhost:80"]
)
def test_plain_http_on_this_machine_is_loopback(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1",
        "http://127.0.0.1/",
        "http://127.0.0.1:",
        "http://127.0.0.1:4010/path",
        "http://127.0.0.1:4010\n",
        "http://127.0.0.1:0",
        "http://127.0.0.1:65536",
        "http://127.0.0.1:123456",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://127x0.0.1",
        "http://127.0.0.1@evil.example",
        "http://evil.example",
        "http://[::1]",
        "http://0.0.0.0",
        "HTTP://LOCALHOST",
        "http://127.0.0.1:\u0661",
    ],
)
def test_whatever_else_is_not_loopback(url: str) -> None:
    assert not is_loopback(url)
