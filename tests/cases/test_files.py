"""Files as editors and tools save them."""

import json
import shutil
from codecs import BOM_UTF8
from pathlib import Path

import pytest

from cases.desk import Desk, recorded, secret_of
from trial.gallery.files import CONFIG


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The configuration of the samples, which a test may change."""
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


@pytest.mark.parametrize("name", ["organizations.toml", "sources.toml", "sessions.toml"])
def test_a_byte_order_mark_is_passed_over_or_named(desk: Desk, copied: Path, name: str) -> None:
    """Editors on Windows write one. It is read as if it were not there, or it is the one fault that is found."""
    file = copied / name
    file.write_bytes(BOM_UTF8 + file.read_bytes())
    ended = desk.check_folder(copied)
    if ended.code != 0:
        faults = [line for line in ended.stderr.splitlines() if ".toml" in line and "config in" not in line]
        assert len(faults) == 1, ended.stderr
        assert "byte order mark" in faults[0]


GITHUB = recorded("github")


def headers_of(form: str) -> object:
    """The headers of the recorded delivery, in a form in which other tools save them."""
    headers: dict[str, str] = GITHUB["headers"]
    match form:
        case "lists of one":
            return {name.title(): [value] for name, value in headers.items()}
        case "HAR":
            return [{"name": name.title(), "value": value} for name, value in headers.items()]
        case "curl":
            return "".join(f"> {name.title()}: {value}\n" for name, value in headers.items())
    return headers


@pytest.mark.parametrize("form", ["an object", "lists of one"])
def test_a_header_in_a_list_of_one_is_read(desk: Desk, form: str) -> None:
    tried = desk.deliver("github", CONFIG, GITHUB["body"], headers_of(form), secret=secret_of("github"))
    assert tried.taken, tried.said


@pytest.mark.parametrize("form", ["HAR", "curl"])
def test_headers_in_another_form_are_read_or_the_file_is_refused(desk: Desk, form: str) -> None:
    """Never tried as a delivery that lacks its signature."""
    tried = desk.deliver("github", CONFIG, GITHUB["body"], headers_of(form), secret=secret_of("github"))
    assert tried.taken or (tried.answer is None and "header" in tried.said)


@pytest.mark.parametrize(
    "value", [["application/json", "text/xml"], {"text": "application/json"}, 7, None], ids=json.dumps
)
def test_a_header_that_is_no_text_is_refused_by_name(desk: Desk, value: object) -> None:
    headers = {**GITHUB["headers"], "content-type": value}
    tried = desk.deliver("github", CONFIG, GITHUB["body"], headers, secret=secret_of("github"))
    assert tried.refused("content-type", "text")
    assert tried.answer is None
