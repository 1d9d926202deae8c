"""`cancelctl sources check` and the addresses of a configuration: warnings, this machine, and what is a credential."""

import json
from pathlib import Path

import pytest

from builders import a_source_table, some_configuration
from connecting.test_sources_command import PREFIX, Cancelctl, cancelctl

__all__ = ["cancelctl"]  # a fixture


def test_a_warning_is_reported_and_refuses_nothing(cancelctl: Cancelctl, tmp_path: Path) -> None:
    directory = some_configuration(tmp_path)
    ended = cancelctl("sources", "check", directory)
    (line,) = ended.stderr.splitlines()
    assert ended.code == 0
    assert line.startswith("warning: organizations.toml:2: [acme-legal] base_url is not at prevail.ai")
    told = json.loads(cancelctl("sources", "check", directory, "--json").stdout)
    assert told["warnings"] == [line.removeprefix("warning: ")]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
        "http://localhost:8080/hook",
        "http://127.0.0.1:99999/hook",
        "https://localhost/hook",
    ],
)
@pytest.mark.parametrize("more", [(), ("--secrets", PREFIX)], ids=["files", "secrets"])
def test_a_callback_on_this_machine_is_refused(
    cancelctl: Cancelctl, tmp_path: Path, url: str, more: tuple[str, ...]
) -> None:
    source = a_source_table(callback={"url": url, "secret": "acme"})
    ended = cancelctl("sources", "check", some_configuration(tmp_path, sources={"acme": source}), *more)
    assert ended.code == 2
    assert "sources.toml:" in ended.stderr
    assert "[acme.callback] url" in ended.stderr


@pytest.mark.parametrize("command", ["check", "list"])
@pytest.mark.parametrize("spoilt", ["", "|"], ids=["good", "bad"])
def test_the_address_of_a_callback_is_never_shown(
    cancelctl: Cancelctl, tmp_path: Path, command: str, spoilt: str
) -> None:
    """Its query may be a credential."""
    callback = {"url": f"https://flow.example.com/hushpath?sig=hushhush{spoilt}", "secret": "acme"}
    directory = some_configuration(tmp_path, sources={"acme": a_source_table(callback=callback)})
    option = ("--config",) if command == "list" else ()
    for more in ((), ("--json",)):
        ended = cancelctl("sources", command, *option, directory, *more)
        assert ended.code == (2 if spoilt else 0)
        assert "hush" not in ended.stdout + ended.stderr
