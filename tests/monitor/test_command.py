"""`hedgerow monitor`, end to end."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from tests.monitor.world import day

import hedgerow as hr
from hedgerow import live
from hedgerow.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "day.journal"
    with live.Journal(path) as opened:
        opened.extend(day())
    return path


def test_once(journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    limits = tmp_path / "limits.toml"
    limits.write_text('[[limit]]\nmeasure = "delta"\nkeys = ["underlying"]\nhard = 1\n')
    options = ["--margin", "deribit", "--limits", str(limits), "--tags", "strategy"]
    options += ["--limit", "vega@underlying=1e3:1e6"]
    assert main(["monitor", str(journal), "--once", *options]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for words in (
        "day.journal",
        "Margin: Deribit X:PM",
        "Limits",
        "hard",
        "soft",
        "Positions",
        "hedge",
    ):
        assert words in out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "needs a JOURNAL or --replay"),
        (["JOURNAL", "--replay", "trades.parquet"], "not both"),
        (["--replay", "trades.parquet"], "needs --quotes"),
        (["--replay", "t.parquet", "--quotes", "q.parquet", "--speed", "0"], "--speed 0"),
        (["JOURNAL", "--refresh", "0"], "--refresh 0"),
        (["JOURNAL", "--margin", "span"], "--margin span: must be one of deribit,"),
    ],
)
def test_wrong_usage(arguments, complaint, capsys) -> None:  # type: ignore[no-untyped-def]
    assert main(["monitor", *arguments]) == 2
    assert complaint in capsys.readouterr().err


def test_a_limit_on_margin_needs_rules(
    journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limits = tmp_path / "limits.toml"
    limits.write_text('limit = [{measure = "margin", hard = 1, keys = ["account"]}]')
    options = ["monitor", str(journal), "--once", "--limits", str(limits)]
    assert main(options) == 2
    assert "a limit on margin: must have margin rules" in capsys.readouterr().err
    assert main([*options, "--margin", "reg_t"]) == 0
    assert "margin" in capsys.readouterr().out
    assert main([*options, "--margin", "deribit", "--limit", "scenario_loss@underlying=5"]) == 2
    assert "must be of account, venue" in capsys.readouterr().err


def test_files_that_can_not_be_read(
    journal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["monitor", str(tmp_path / "none"), "--once"]) == 3
    assert "no such file" in capsys.readouterr().err
    limits = tmp_path / "limits.toml"
    limits.write_text("limit = 1")
    assert main(["monitor", str(journal), "--limits", str(limits)]) == 3
    assert "a list named limit" in capsys.readouterr().err
    live.Journal(tmp_path / "empty").close()
    assert main(["monitor", str(tmp_path / "empty"), "--once"]) == 3
    assert "must have events" in capsys.readouterr().err
    assert main(["monitor", "--replay", "no.csv", "--quotes", "no.csv"]) == 3
    assert "no.csv" in capsys.readouterr().err


REPLAY = ["--replay", "spxw_20210104_trades.csv.gz", "--quotes", "spxw_20210104_quotes.csv.gz"]
REPLAY += ["--index", "spx_20210104_index.csv.gz"]


def test_a_real_day(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT / "examples" / "data")
    assert main(["monitor", *REPLAY, "--once", "--margin", "tims_index"]) == 0
    out = capsys.readouterr().out
    assert "Margin: TIMS broad index" in out
    assert "ended" in out
    # Without a terminal a replay at its pace prints its end.
    assert main(["monitor", *REPLAY, "--speed", "1e5"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("By expiry") == 1


def test_the_line_of_the_readme_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "README.md").read_text()
    (line,) = re.findall(r"<!-- line: monitor -->\n```sh\n(.*)\n```", text)
    program, *arguments = shlex.split(line.partition(" && ")[2])
    assert program == ".venv/bin/hedgerow"
    assert arguments.pop() == "--web"
    monkeypatch.chdir(ROOT)
    assert main([*arguments, "--once"]) == 0
    assert "Margin: TIMS broad index" in capsys.readouterr().out


def run(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "hedgerow.cli", "monitor", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = {**os.environ, "PYTHONPATH": str(Path(hr.__file__).parents[1])}
    return subprocess.Popen(command, text=True, env=environment, **pipes)


def test_the_page_is_served_until_it_is_interrupted(journal: Path) -> None:
    with run(str(journal), "--web", "--port", "0", "--refresh", "0.05") as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        (address,) = re.findall(r"(http://127\.0\.0\.1:\d+/)", line)
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert b"hedgerow monitor" in answer.read()
        with urllib.request.urlopen(f"{address}stream", timeout=30) as stream:
            while not (text := stream.readline()).startswith(b"data: "):
                pass
            picture = json.loads(text.removeprefix(b"data: "))
            assert picture["stream"]["sequence"] == len(day())
            server.send_signal(signal.SIGINT)  # with a viewer at the other end
            out, err = server.communicate(timeout=30)
    assert (out, err, server.returncode) == ("", "", 0)


def test_an_interrupt_leaves_the_last_picture(journal: Path) -> None:
    with run(str(journal), "--refresh", "0.05") as monitor:
        with live.Journal(journal) as opened:  # it is followed, and written all the same
            opened.append(live.Clock(time=day()[-1].time))
        try:
            monitor.communicate(timeout=3)
        except subprocess.TimeoutExpired:
            monitor.send_signal(signal.SIGINT)
        out, err = monitor.communicate(timeout=30)
    assert (err, monitor.returncode) == ("", 0)
    assert f"event {len(day()) + 1}" in out
