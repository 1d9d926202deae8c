"""A load went well only if everything ended as it should; each thing that did not has its sentence."""

from typing import Any

import pytest

from load.results import a_load


def test_a_load_that_went_well_has_nothing_wrong() -> None:
    assert a_load().wrong == ()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"answers": {"202": 48, "503": 2}}, "of 50 posts not all were answered 202: 2 x 503"),
        (
            {"statuses": {"canceled": 38, "queued": 1, "missing": 1}},
            "of 40 requests not all settled as canceled: 1 x missing + 1 x queued",
        ),
        ({"changed_once": 39}, "of 40 sessions only 39 were canceled once"),
        ({"patched_once": 39}, "of 40 sessions only 39 got one PATCH"),
        ({"emails": 2}, "2 e-mails were sent, and none was asked for"),
        ({"dead_letters": 3}, "3 messages are dead letters: `cancelctl doctor` looks into them"),
    ],
)
def test_what_is_not_as_it_should_be_is_said(change: dict[str, Any], sentence: str) -> None:
    assert a_load(**change).wrong == (sentence,)


def test_repeated_patches_that_a_fault_kept_out_are_no_fault_of_ours() -> None:
    assert a_load(patches=55, faults={"503": 15}).wrong == ()
