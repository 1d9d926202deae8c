"""Where a source is called back, as its table says."""

from pathlib import Path

import pytest

from builders import a_bus_table, some_configuration
from cancellations.configuration import Callback, load_directory
from configured import fault_of, of_source, source_in


def a_callback(**changes: object) -> dict[str, object]:
    return {"url": "https://crm.example.com/hooks/prevail", "secret": "acme-outcomes", **changes}


def test_a_source_that_says_nothing_is_not_called_back(tmp_path: Path) -> None:
    assert source_in(of_source(tmp_path)).callback is None


@pytest.mark.parametrize(
    "url",
    [
        "https://crm.example.com/hooks/prevail",
        "https://prod-26.uksouth.logic.azure.com:443/paths/invoke?sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=EXAMPLE",
        "http://127.0.0.1:8080/hook",
    ],
)
def test_a_callback_is_an_address_and_the_name_of_a_secret(tmp_path: Path, url: str) -> None:
    configuration = load_directory(of_source(tmp_path, callback=a_callback(url=url)), under_test=True)
    assert configuration.callbacks == {"acme": Callback(url, "acme-outcomes")}


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example.com/hook",
        "https://10.0.0.5/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/hook",
        "https://user@crm.example.com/hook",
        "https://crm.example.com:8443/hook",
        "https://crm.example.com/../hook",
        "https://crm.example.com#hook",
        "http://127.0.0.1:8080@crm.example.com/hook",
        "http://127.0.0.1:8080/a/../b",
        "http://127.0.0.2/hook",
        "https://localhost/hook",
        "http://localhost/hook",
        "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
    ],
)
def test_a_callback_goes_to_a_host_by_name_over_https_and_nowhere_else(tmp_path: Path, url: str) -> None:
    assert "[acme.callback] url" in fault_of(of_source(tmp_path, callback=a_callback(url=url)))


@pytest.mark.parametrize(
    ("changes", "key"), [({"url": ""}, "url"), ({"secret": "whsec_abc"}, "secret"), ({"when": "x"}, "when")]
)
def test_what_is_wrong_with_a_callback_is_named(tmp_path: Path, changes: dict[str, str], key: str) -> None:
    assert f"[acme.callback] {key}" in fault_of(of_source(tmp_path, callback=a_callback(**changes)))


def test_a_bus_source_can_be_called_back(tmp_path: Path) -> None:
    directory = some_configuration(tmp_path, sources={"acme": a_bus_table(callback=a_callback())})
    assert source_in(directory).callback is not None
