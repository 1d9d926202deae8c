"""The page about performance speaks of the run that is stored, and of no other."""

from bench import charts, figures, page


def test_the_page_holds_the_stored_run() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.filled(text, figures.read(figures.STORED)) == text


def test_the_charts_are_drawn_from_the_stored_run() -> None:
    for name, drawn in charts.charts(figures.read(figures.STORED)).items():
        assert (page.CHARTS / name).read_text(encoding="utf-8") == drawn
        assert f"charts/{name}" in page.PAGE.read_text(encoding="utf-8")
