"""The table of answers says of each row whether Prevail documents it, and operations finds every meaning in it."""

import ast
from pathlib import Path
from typing import get_args

import pytest

from cancellations import answers
from cancellations.answers import CLASSES, ROWS, TOLD, UNAVAILABLE, UNKNOWN, Basis, Meaning, Row

ROOT = Path(__file__).parents[2]
ALL = [*ROWS.items(), *CLASSES.items(), (0, UNKNOWN), (UNAVAILABLE, TOLD)]


def written_rows() -> list[ast.Call]:
    tree = ast.parse(Path(answers.__file__).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Row"]


def test_every_row_is_written_with_its_basis() -> None:
    bases = [row.args[2].value for row in written_rows() if isinstance(row.args[2], ast.Constant)]
    assert len(bases) == len(ALL)
    assert set(bases) == set(get_args(Basis.__value__))


def test_a_row_cannot_be_made_without_a_basis() -> None:
    with pytest.raises(TypeError, match="basis"):
        Row("unknown", "a new one")  # type: ignore[call-arg]  # what is tried


@pytest.mark.parametrize(("status", "row"), ALL)
def test_what_a_row_says_is_a_word_of_the_table(status: int, row: Row) -> None:
    assert row.meaning in get_args(Meaning.__value__), status
    assert row.reason.replace("_", "").isalpha(), status


def test_operations_names_every_meaning_that_a_row_may_have() -> None:
    told = ROOT.joinpath("docs", "operations.md").read_text(encoding="utf-8")
    assert [meaning for meaning in get_args(Meaning.__value__) if f"`{meaning}`" not in told] == []
