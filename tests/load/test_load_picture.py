"""The picture is an SVG that stands alone: every bucket is a bar, and the axes say what they are."""

import re
from itertools import pairwise

import pytest
from defusedxml import ElementTree

from drawing.bars import Bar, chart, ticks
from load.results import a_load
from trial.load.picture import picture

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_every_bucket_has_its_bar_its_bounds_and_its_count() -> None:
    load = a_load()
    buckets = [bucket for found in (load.answered, load.settled) if found for bucket in found.buckets]
    svg = picture(load)
    assert len(list(ElementTree.fromstring(svg).iter(f"{SVG}rect"))) == len(buckets)
    told = texts(svg)
    for bucket in buckets:
        assert bucket.label in told
        assert any(text.split()[0] == f"{bucket.count}" for text in told if text)


def test_an_empty_bucket_stands_there_too() -> None:
    settled = a_load().settled
    assert settled is not None
    assert 0 in [bucket.count for bucket in settled.buckets]


def test_both_axes_are_labelled_and_the_quantiles_told() -> None:
    load, told = a_load(), texts(picture(a_load()))
    assert told.count("milliseconds") == told.count("how many") == 2
    assert load.answered is not None
    assert f"answered: {load.answered.words}" in told


def test_it_reads_on_dark_pages_and_fetches_nothing() -> None:
    svg = picture(a_load())
    assert "prefers-color-scheme: dark" in svg
    assert re.findall(r"href|url\(|@import|<script|<image", svg) == []
    assert set(re.findall(r"https?://[^\"]+", svg)) == {"http://www.w3.org/2000/svg"}


def test_bars_are_as_long_as_their_counts() -> None:
    svg = chart("counts", [("group", [Bar(str(count), (float(count),), "") for count in (10, 20, 40)])])
    widths = [float(one.attrib["width"]) for one in ElementTree.fromstring(svg).iter(f"{SVG}rect")]
    assert [long / short for short, long in pairwise(widths)] == pytest.approx([2, 2], rel=0.01)


def test_a_title_of_any_kind_leaves_it_well_formed() -> None:
    assert texts(chart('a < b & "c"', []))[0] == 'a < b & "c"'


@pytest.mark.parametrize("most", [1, 2, 7, 10, 99, 1000, 123_456])
def test_a_scale_has_few_whole_numbers_within_the_longest_bar(most: int) -> None:
    found = ticks(most)
    assert found[0] == 0
    assert 2 <= len(found) <= 7
    assert all(tick == int(tick) <= most for tick in found)
