"""The README is a promise: its example runs, its files are the ones in the examples folder."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from hedgerow.cli import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_the_example_runs_as_it_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    lines = [line for line in block.splitlines() if line.strip()]
    assert len(lines) <= 10
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(compile(block, "README.md", "exec"), names)
    printed = capsys.readouterr().out
    assert "2026-03-27 08:00" in printed
    values = names["values"]
    assert len(values) > 400  # type: ignore[arg-type]
    assert np.isfinite(values.total()["value"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", re.findall(r"<!-- file: (\S+) -->", README))
def test_quoted_files_are_the_tested_ones(path: str) -> None:
    quoted = re.search(rf"<!-- file: {re.escape(path)} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert quoted is not None
    assert quoted.group(1) == (ROOT / path).read_text()
    code = [x for x in quoted.group(1).splitlines() if x.strip()]
    assert len(code) <= 10


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/*.md")), ids=lambda page: page.name)
def test_files_quoted_in_the_docs_are_the_tested_ones(page: Path) -> None:
    quoted = re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", page.read_text(), re.DOTALL)
    assert len(quoted) == page.read_text().count("<!-- file:")
    for path, text in quoted:
        assert text == (ROOT / path).read_text(), path


@pytest.mark.parametrize(
    "page", ["volatility", "fourier", "local-volatility", "simulation", "heston-pde"]
)
def test_examples_of_the_docs_run_as_they_stand(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / f"docs/{page}.md").read_text(), re.DOTALL)
    assert blocks
    monkeypatch.chdir(ROOT)
    exec(compile("\n".join(blocks), page, "exec"), {})


def test_every_door_is_quoted() -> None:
    quoted = {Path(path).parent.name for path in re.findall(r"<!-- file: (\S+) -->", README)}
    assert quoted == {folder.name for folder in (ROOT / "examples" / "embed").iterdir()}


def test_the_replay_runs_as_it_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (line,) = re.findall(r"<!-- line: replay -->\n```sh\n(.*)\n```", README)
    program, *arguments = shlex.split(line)
    assert program == ".venv/bin/hedgerow"
    monkeypatch.chdir(ROOT)
    page = tmp_path / arguments[arguments.index("--html") + 1]
    arguments[arguments.index("--html") + 1] = str(page)
    assert main(arguments) == 0
    assert "settled at 3,700.65" in capsys.readouterr().out
    assert page.stat().st_size < 2_000_000


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_both_commands_are_marked_for_the_pipeline() -> None:
    assert re.findall(r"<!-- command: (\w+) -->", README) == ["report", "test"]
