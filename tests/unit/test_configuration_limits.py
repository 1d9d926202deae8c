"""What an organization and a source may be allowed: how fast, how many, how long, and what is done in doubt."""

from pathlib import Path

import pytest

from cancellations.configuration import load_directory
from cancellations.domain import Organization
from configured import fault_of, of_organization, of_source, source_in

ALL: dict[str, object] = {
    "on_unknown": "retry",
    "retry_without_email": True,
    "on_restored": "cancel",
    "look_first": True,
    "deadline_s": 4.5,
    "requests_per_second": 2,
    "concurrent_requests": 3,
}


def organization_in(directory: Path) -> Organization:
    return load_directory(directory).organizations["acme-legal"]


def test_what_an_organization_chooses_is_read(tmp_path: Path) -> None:
    assert organization_in(of_organization(tmp_path, **ALL)) == Organization(
        "acme-legal",
        "https://prevail.example",
        "acme-legal",
        "retry",
        retry_without_email=True,
        on_restored="cancel",
        look_first=True,
        deadline_s=4.5,
        per_second=2,
        at_once=3,
    )


@pytest.mark.parametrize("choice", ["review", "cancel"])
def test_both_choices_for_a_restored_session_are_read(tmp_path: Path, choice: str) -> None:
    assert organization_in(of_organization(tmp_path, on_restored=choice)).on_restored == choice


def test_a_restored_session_needs_a_person_by_default(tmp_path: Path) -> None:
    assert organization_in(of_organization(tmp_path)).on_restored == "review"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("ask", "is 'ask'; choose one of: review, cancel"),
        ("Cancel", "is 'Cancel'; did you mean 'cancel'?"),
        (True, "is not a text; it is one of: review, cancel"),
    ],
)
def test_another_choice_for_a_restored_session_is_a_fault(tmp_path: Path, wrong: object, told: str) -> None:
    fault = fault_of(of_organization(tmp_path, on_restored=wrong))
    assert fault == f"organizations.toml: [acme-legal] on_restored {told}"


@pytest.mark.parametrize("key", ["retry_without_email", "look_first"])
@pytest.mark.parametrize("value", ["yes", 1, 0, [True]])
def test_what_is_neither_true_nor_false_is_a_fault(tmp_path: Path, key: str, value: object) -> None:
    fault = fault_of(of_organization(tmp_path, **{key: value}))
    assert fault == f"organizations.toml: [acme-legal] {key} is neither true nor false; write true or false"


@pytest.mark.parametrize(
    ("key", "bounds", "least", "most"),
    [("deadline_s", "1 to 10", 1, 10), ("requests_per_second", "0.01 to 1000", 0.01, 1000)],
)
def test_a_number_is_one_within_its_bounds(
    tmp_path: Path, key: str, bounds: str, least: float, most: float
) -> None:
    for fine in (least, most):
        organization_in(of_organization(tmp_path, **{key: fine}))
    for wrong in (least * 0.99, most * 1.01, -1, 0, True, "5", [5]):
        fault = fault_of(of_organization(tmp_path, **{key: wrong}))
        told = "is not a number in its bounds; write one from"
        assert fault == f"organizations.toml: [acme-legal] {key} {told} {bounds}"


@pytest.mark.parametrize("written", ["nan", "inf", "-inf"])
def test_what_is_no_number_is_a_fault(tmp_path: Path, written: str) -> None:
    file = of_organization(tmp_path) / "organizations.toml"
    file.write_text(file.read_text() + f"requests_per_second = {written}\n")
    assert "requests_per_second is not a number in its bounds" in fault_of(tmp_path)


@pytest.mark.parametrize("wrong", [0, 51, -1, 2.5, 2.0, True, "2"])
def test_how_many_at_once_is_a_whole_number_within_its_bounds(tmp_path: Path, wrong: object) -> None:
    fault = fault_of(of_organization(tmp_path, concurrent_requests=wrong))
    told = "is not a whole number in its bounds; write one from 1 to 50"
    assert fault == f"organizations.toml: [acme-legal] concurrent_requests {told}"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("look_frist", "look_first"), ("request_per_second", "requests_per_second"), ("deadline", "deadline_s")],
)
def test_a_misspelled_limit_is_a_fault_that_says_what_is_meant(
    tmp_path: Path, written: str, meant: str
) -> None:
    fault = fault_of(of_organization(tmp_path, **{written: 1}))
    assert fault == f"organizations.toml: [acme-legal] {written} is not known here; did you mean {meant!r}?"


# ── Caps ──────────────────────────────────────────────────────────────────────────────────────────


def test_how_much_a_source_may_ask_for_is_read(tmp_path: Path) -> None:
    directory = of_source(tmp_path, cap_per_hour=100)
    assert source_in(directory).cap_per_hour == 100
    assert load_directory(directory).caps == {"acme": 100}


def test_a_source_that_says_nothing_has_no_cap(tmp_path: Path) -> None:
    directory = of_source(tmp_path)
    assert source_in(directory).cap_per_hour is None
    assert load_directory(directory).caps == {}


@pytest.mark.parametrize("wrong", [0, 1_000_001, -1, 2.5, True, "2"])
def test_a_cap_is_a_whole_number_within_its_bounds(tmp_path: Path, wrong: object) -> None:
    fault = fault_of(of_source(tmp_path, cap_per_hour=wrong))
    told = "is not a whole number in its bounds; write one from 1 to 1000000"
    assert fault == f"sources.toml: [acme] cap_per_hour {told}"


def test_a_misspelled_cap_is_a_fault_that_says_what_is_meant(tmp_path: Path) -> None:
    fault = fault_of(of_source(tmp_path, caps_per_hour=1))
    assert fault == "sources.toml: [acme] caps_per_hour is not known here; did you mean 'cap_per_hour'?"
