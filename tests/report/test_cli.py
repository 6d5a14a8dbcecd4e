"""The command line, end to end on the example files."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import hedgerow
from hedgerow import cli
from hedgerow.calibrate import Model
from hedgerow.cli import main
from hedgerow.io import read_book, read_quotes

DATA = Path(__file__).parents[2] / "examples" / "data"
EXAMPLES = ["spx_20210104", "btc_20260318"]


def files(example: str) -> list[str]:
    return [
        str(DATA / f"{example}_positions.csv"),
        "--market",
        str(DATA / f"{example}_quotes.csv"),
    ]


@pytest.mark.parametrize("example", EXAMPLES)
def test_report_of_a_real_book(example, tmp_path, capsys):
    page, data = tmp_path / "report.html", tmp_path / "report.json"
    outputs = ["--html", str(page), "--json", str(data)]
    assert main(["report", *files(example), *outputs]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert max(map(len, out.splitlines())) == 80

    book = read_book(DATA / f"{example}_positions.csv")
    snapshot = read_quotes(DATA / f"{example}_quotes.csv").snapshot()
    total = hedgerow.value(book, snapshot).total()
    told = json.loads(data.read_text(encoding="utf-8"))
    assert told["totals"]["value"] == total["value"]
    assert told["totals"]["pnl"] == total["pnl"]
    assert told["header"]["not_valued"] == 0
    assert any(number is not None for s in told["smiles"] for number in s["bid_volatilities"])
    assert "Bars: bid to ask." in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("model", ["svi", "ssvi", "essvi", "sabr", "heston"])
def test_report_with_the_smiles_of_a_model(model, tmp_path, capsys):
    page, data = tmp_path / "report.html", tmp_path / "report.json"
    outputs = ["--model", model, "--html", str(page), "--json", str(data)]
    assert main(["report", *files("btc_20260318"), *outputs]) == 0
    out = capsys.readouterr().out
    assert f"How well {Model(model).label} stands for the quotes" in out
    assert max(map(len, out.splitlines())) == 80
    book = read_book(DATA / "btc_20260318_positions.csv")
    snapshot, report = read_quotes(DATA / "btc_20260318_quotes.csv").calibrate(model=model)
    told = json.loads(data.read_text(encoding="utf-8"))
    assert told["totals"]["value"] == hedgerow.value(book, snapshot).total()["value"]
    assert [row["in_force"] for row in told["fits"]] == [
        item.in_force.value for item in report["BTC"].slices
    ]
    # Each smile is named after what stands in the market, which need not be the model.
    stands = {"fit": model, "spline": "spline", "quotes": ""}
    assert [smile["model"] for smile in told["smiles"]] == [
        stands[item.in_force.value] for item in report["BTC"].slices
    ]
    bad, fits = sum(not item.trusted for item in report["BTC"].slices), len(report["BTC"])
    assert (f"{bad} of {fits} fits not trusted; in force instead:" in out) == (bad > 0)
    assert ("Fits that are not trusted" in out) == (bad > 0)
    drawn = [smile for smile in told["smiles"] if smile["model"]]
    assert all(len(smile["curve_strikes"]) == 121 for smile in drawn)
    html = page.read_text(encoding="utf-8")
    assert "BTC total variance by expiry" in html
    for smile in drawn:
        assert f"Line: {Model(smile['model']).label}." in html


def test_by_and_currency(capsys):
    options = ["--by", "right,strategy", "--currency", "BTC"]
    assert main(["report", *files("btc_20260318"), *options]) == 0
    out = capsys.readouterr().out
    assert "Value and P&L by right and strategy" in out
    assert "in BTC" in out.splitlines()[1]


def test_a_rate_opens_another_currency(tmp_path, capsys):
    data = tmp_path / "report.json"
    options = ["--currency", "EUR", "--rate", "USD=0.5", "--json", str(data)]
    assert main(["report", *files("spx_20210104"), *options]) == 0
    assert "in EUR" in capsys.readouterr().out.splitlines()[1]
    book, quotes = read_book(files("spx_20210104")[0]), read_quotes(files("spx_20210104")[2])
    dollars = hedgerow.value(book, quotes.snapshot()).total()["value"]
    told = json.loads(data.read_text(encoding="utf-8"))
    assert told["totals"]["value"] == pytest.approx(dollars / 2, rel=1e-12)


@pytest.mark.parametrize("rate", ["USD", "USD=", "=2", "USD=-1", "USD=inf", "USD=nan"])
def test_a_rate_that_is_none_is_wrong_usage(rate, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["report", *files("spx_20210104"), "--rate", rate])
    assert exit_.value.code == 2
    assert "must read like EUR=1.08" in capsys.readouterr().err


def test_bad_rows_are_named_and_do_not_stop_the_report(capsys):
    _, *market = files("btc_20260318")
    assert main(["report", str(DATA / "broken_positions.csv"), *market]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "Rows left out of broken_positions.csv" in out
    assert "BTC-31FEB26-" in out


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_color_and_after_a_while_a_bar(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(cli, "_PATIENCE", 0.0)
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert main(["report", *files("spx_20210104")]) == 0
    assert "\x1b[1;36mWHAT DO I HOLD\x1b[0m" in sys.stdout.getvalue()
    assert "\x1b[31m-12,961\x1b[0m" in sys.stdout.getvalue()
    assert "writing" in sys.stderr.getvalue()


def test_work_of_no_duration_draws_no_bar(monkeypatch):
    monkeypatch.setattr(cli, "_PATIENCE", 3600.0)
    monkeypatch.setattr(sys, "stderr", Terminal())
    with cli._progress() as stage:
        stage("waiting")
    assert sys.stderr.getvalue().strip() == ""


def test_strict_refuses_bad_rows(capsys):
    _, *market = files("btc_20260318")
    assert main(["report", str(DATA / "broken_positions.csv"), *market, "--strict"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "broken_positions.csv" in err
    assert "line 5, quantity = 'many': must be a number" in err


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("absent.csv", None, "No such file"),
        ("empty.csv", b"", "line 1"),
        ("binary.csv", b"\x00\xff\xfe\x80\x81", "binary.csv"),
        ("cut.parquet", b"PAR1\x00\x01", "cut.parquet"),
        ("columns.csv", b"a,b\n1,2\n", "columns.csv"),
        ("book.txt", b"instrument,quantity\n", "book.txt"),
    ],
)
def test_unreadable_files_are_named_without_a_traceback(tmp_path, capsys, name, content, place):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    _, *market = files("spx_20210104")
    assert main(["report", str(path), *market]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert name in err
    assert place in err
    assert "Traceback" not in err


def test_output_that_cannot_be_written(tmp_path, capsys):
    target = tmp_path / "no folder" / "report.json"
    assert main(["report", *files("spx_20210104"), "--json", str(target)]) == 3
    assert "report.json: No such file or directory" in capsys.readouterr().err


def test_unknown_key_is_wrong_usage(capsys):
    assert main(["report", *files("spx_20210104"), "--by", "underlying,nonsense"]) == 2
    assert "--by nonsense: must be one of instrument" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [[], ["report"], ["report", "book.csv"], ["nonsense"]])
def test_wrong_usage_exits_with_2(argv, capsys):
    with pytest.raises(SystemExit) as left:
        main(argv)
    assert left.value.code == 2
    assert "usage: hedgerow" in capsys.readouterr().err


def test_version_and_build_config(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    config = hedgerow.build_config()
    assert capsys.readouterr().out == f"hedgerow {config['version']}\n"
    assert main(["build-config"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in config)
    assert config["isa"] in out


def test_names_beyond_the_terminals_alphabet(tmp_path):
    book = tmp_path / "book.csv"
    book.write_text("instrument,quantity,strategy\nBTC-27MAR26,5,Zürich\n", encoding="utf-8")
    _, *market = files("btc_20260318")
    command = [sys.executable, "-m", "hedgerow", "report", str(book), *market, "--by", "strategy"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    process = subprocess.run(command, capture_output=True, env=environment, check=True)
    assert b"Z?rich" in process.stdout


def test_a_reader_that_leaves_early_sees_no_traceback():
    command = [sys.executable, "-m", "hedgerow", "report", *files("btc_20260318")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), error) == (0, b"")
