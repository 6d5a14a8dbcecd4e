"""The netted picture of a book: as data, text, one HTML page and JSON."""

from hedgerow.report.build import build
from hedgerow.report.data import Header, Report, Slice, SmileQuotes
from hedgerow.report.html import to_html
from hedgerow.report.json import to_json
from hedgerow.report.text import to_text

__all__ = [
    "Header",
    "Report",
    "Slice",
    "SmileQuotes",
    "build",
    "to_html",
    "to_json",
    "to_text",
]
