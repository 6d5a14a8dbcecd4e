"""The JSON: the report's content, in strict JSON."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest

from hedgerow.report import Report, to_json


@pytest.fixture(scope="module")
def data(report):
    def refuse(name):
        raise AssertionError(f"{name} is not JSON")

    return json.loads(to_json(report), parse_constant=refuse)


def test_keys_are_the_attributes_of_the_report(data):
    assert list(data) == ["schema", *(field.name for field in dataclasses.fields(Report))]
    assert data["schema"] == 1


def test_numbers_are_exact(data, report):
    assert data["totals"] == report.totals
    assert [row["pnl"] for row in data["worth"]] == report.worth["pnl"].tolist()
    assert data["ladder"]["pnl"] == report.ladder.pnl.tolist()
    assert data["slices"][0]["payoff"] == report.slices[0].payoff.tolist()


def test_what_json_lacks_is_null(data, report):
    bad = next(row for row in data["not_ok"] if row["status"] == "invalid_quantity")
    assert bad["quantity"] is None
    unbounded = [n for n, part in enumerate(report.slices) if part.worst == -float("inf")]
    assert unbounded
    assert all(data["slices"][n]["worst"] is None for n in unbounded)
    assert any(row["expiry"] is None for row in data["exposures"])


def test_instants_are_iso(data):
    assert data["header"]["as_of"] == "2021-01-04T21:00:00Z"
    assert all(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", s["expiry"]) for s in data["slices"]
    )
