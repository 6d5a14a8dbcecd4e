"""The page: one file that stands alone, with every plot and no foreign markup."""

from __future__ import annotations

import builtins
import re
from html.parser import HTMLParser

import pytest

from hedgerow import Book, MissingExtra
from hedgerow.report import build, draw, to_html
from hedgerow.report.table import minus

VOID = {"meta", "br", "hr", "img", "link", "input", "path", "rect", "use", "line", "circle"}


@pytest.fixture(scope="module")
def page(report):
    return to_html(report)


class Outline(HTMLParser):
    """Checks that tags close in order, and collects names and ids."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.ids = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.ids += [value for name, value in attributes if name == "id"]

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def test_page_is_well_formed_and_needs_nothing_else(page):
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    assert not {"script", "link", "img", "iframe"} & set(outline.tags)
    assert "http" not in page
    assert not re.search(r"@import|url\((?!#)", page)


def test_every_plot_is_there(page):
    titles = re.findall(r"<figcaption><b>(.*?)</b>", page)
    for name in ("BTC", "SPX"):
        assert f"{name} folded inventory by strike and expiry" in titles
        for greek in ("delta", "gamma", "vega", "theta"):
            assert f"{name} {greek} by expiry" in titles
    assert "P&amp;L by spot and volatility move" in titles
    assert {"BTC 29 Jan 21 value at expiry", "SPX 15 Jan 21 value at expiry"} <= set(titles)
    assert {"BTC 29 Jan 21 implied volatility", "SPX 19 Mar 21 implied volatility"} <= set(titles)
    assert page.count("<svg") == len(titles)


def test_plots_take_their_colors_from_the_page(page):
    for svg in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        assert "var(--" in svg
        assert not re.search(r"(?:fill|stroke): ?#", svg)
        assert set(re.findall(r'id="([^"]*)"', svg)) <= set(re.findall(r"#([\w-]+)", svg))


def test_axes_keep_their_digits():
    def paint(axes):
        axes.plot([0.0, 0.25], [0.0005, 0.0025])

    svg = draw.figure(paint)
    written = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert {"0.00050", "0.00125", "0.00250"} <= set(written)
    drawn = "".join(re.findall(r"<path[^>]*>", svg))
    assert drawn
    assert not re.search(r"\.\d{3}", drawn)


def test_text_of_files_is_escaped(page):
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_page_is_reproducible(page, report):
    assert to_html(report) == page


def test_empty_book_has_a_page(snapshot):
    assert "0 positions in 0 contracts" in to_html(build(Book(), snapshot))


@pytest.mark.parametrize("library", ["jinja2", "matplotlib"])
def test_missing_libraries_name_the_extra(report, monkeypatch, library):
    original = builtins.__import__

    def absent(name, *rest):
        if name.partition(".")[0] == library:
            raise ImportError(name)
        return original(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingExtra, match=r"hedgerow\[report\]"):
        to_html(report)


def test_minus_signs_only_before_numbers():
    assert minus("-1,234") == "\N{MINUS SIGN}1,234"
    assert minus("BTC-29JAN21-32000-C, call-equivalents") == "BTC-29JAN21-32000-C, call-equivalents"
    assert minus("-") == "\N{EN DASH}"
