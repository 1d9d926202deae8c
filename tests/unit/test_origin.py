import pytest

from cancellations.origin import fault_of_origin, is_loopback


@pytest.mark.parametrize(
    "url", ["https://prevail.ai", "https://eu.prevail-api.example", "https://xn--e1afmkfd.example"]
)
def test_a_scheme_and_a_host_name_are_an_origin(url: str) -> None:
    assert fault_of_origin(url) is None


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="nothing"),
        pytest.param("prevail.ai", id="no-scheme"),
        pytest.param("http://prevail.ai", id="http"),
        pytest.param("ftp://prevail.ai", id="ftp"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("https://", id="no-host"),
        pytest.param("https://prevail.ai/", id="slash"),
        pytest.param(f"https://{'a' * 64}.example.com", id="label-too-long"),
        pytest.param("https://prevail.ai/a/../b", id="path"),
        pytest.param("https://prevail.ai?", id="empty-query"),
        pytest.param("https://prevail.ai?x=", id="query"),
        pytest.param("https://prevail.ai#", id="empty-fragment"),
        pytest.param("https://prevail.ai/#", id="fragment"),
        pytest.param("https://prevail.ai:443", id="port"),
        pytest.param("https://prevail.ai:22", id="odd-port"),
        pytest.param("https://prevail.ai:", id="empty-port"),
        pytest.param("https://prevail.ai:x", id="no-port"),
        pytest.param("https://prevail.ai@evil.example", id="user"),
        pytest.param("https://user:word@prevail.ai", id="user-and-password"),
        pytest.param("https://@prevail.ai", id="empty-user"),
        pytest.param("https://evil.example\\@prevail.ai", id="backslash"),
        pytest.param("https:\\\\prevail.ai", id="backslashes"),
        pytest.param(" https://prevail.ai", id="space-before"),
        pytest.param("https://prevail.ai ", id="space-after"),
        pytest.param("https://prevail.ai\n", id="line-end"),
        pytest.param("https://pre\tvail.ai", id="tab-inside"),
        pytest.param("https://prevail.ai\r\nHost: evil.example", id="header"),
        pytest.param("https://prevail.ai.", id="trailing-dot"),
        pytest.param("https://.prevail.ai", id="leading-dot"),
        pytest.param("https://prevail..ai", id="two-dots"),
        pytest.param("https://-prevail.ai", id="leading-hyphen"),
        pytest.param("https://*.prevail.ai", id="wildcard"),
        pytest.param("https://%70revail.ai", id="percent"),
        pytest.param("https://pr\u0435vail.ai", id="look-alike"),
        pytest.param("https://prevail\u3002ai", id="other-dot"),
        pytest.param("https://prevail.ai\uff0fevil.example", id="other-slash"),
        pytest.param("https://localhost", id="localhost"),
        pytest.param("https://prevail", id="single-label"),
    ],
)
def test_whatever_else_is_refused(url: str) -> None:
    assert fault_of_origin(url)


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
        "[::1]",
        "[::ffff:169.254.169.254]",
        "[fe80::1%25eth0]",
        "[v1.x]",
        "[",
        "\uff11\uff12\uff17.0.0.1",
        "\u2460.2.3.4",
        "127.0.0.0x1",
        "169.254.0xa9fe",
    ],
)
def test_addresses_are_refused_in_every_spelling(host: str) -> None:
    assert fault_of_origin(f"https://{host}")


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
