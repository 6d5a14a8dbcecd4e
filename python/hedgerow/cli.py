"""The command line: `hedgerow report BOOK --market QUOTES`, `replay TRADES`, `monitor JOURNAL`.

Exit codes: 0 all went well; 2 wrong usage; 3 a file can't be read, is refused by --strict, or can't
be written.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hedgerow import build_config
from hedgerow.errors import HedgerowError, InvalidInput, MissingExtra
from hedgerow.rejected import Rejected

if TYPE_CHECKING:
    from hedgerow import MarginRules, StrategyRules
    from hedgerow.live import Limit
    from hedgerow.monitor import Feed, Follower

USAGE, FILES = 2, 3
_OPTIONS = {
    "date": "--date",
    "measure": "--limit",
    "dimensions": "--limit",
    "keys": "--limit",
    "price": "--settle",
    "fee": "--fee",
}
FOURIER = ("heston", "bates", "merton", "kou", "variance_gamma", "normal_inverse_gaussian")
MODELS = ("quotes", "svi", "ssvi", "essvi", "sabr", *FOURIER, "spline")
"""What `--model` takes: the quotes themselves, or one of hedgerow.calibrate.Model."""
_INSIDE = 0.05  # of a hard bound, by which a measure is inside when a breach ends
_BAD_ROWS = 10  # named of each file
_PATIENCE = 1.0  # seconds of work before a progress bar appears

Stage = Callable[[str], None]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        run: Callable[[argparse.Namespace], None] = arguments.run
        run(arguments)
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except _WrongUsage as error:
        return _complain(str(error), USAGE)
    except (HedgerowError, OSError) as error:
        return _complain(_told(error), FILES)
    return 0


class _WrongUsage(Exception):
    """The arguments make no sense together, or with the files."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hedgerow", description="Values whole option books.")
    version = f"hedgerow {build_config()['version']}"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    report = commands.add_parser("report", help="value, net and report a book")
    report.add_argument("book", metavar="BOOK", help="positions: .csv, .csv.gz or .parquet")
    report.add_argument("--market", required=True, metavar="QUOTES", help="quotes, likewise")
    report.add_argument(
        "--by",
        default="underlying,expiry",
        metavar="KEYS",
        help="what value and P&L are netted by: underlying, expiry, strike, right, kind, currency, "
        "instrument, or tags of the book (default: %(default)s)",
    )
    report.add_argument("--html", type=Path, metavar="OUT", help="also write one HTML page")
    report.add_argument("--json", type=Path, metavar="OUT", help="also write JSON")
    report.add_argument("--strict", action="store_true", help="refuse files with any bad row")
    report.add_argument("--currency", default="USD", help="to report in (default: %(default)s)")
    report.add_argument(
        "--rate",
        action="append",
        default=[],
        type=_rate,
        metavar="CCY=VALUE",
        help="what one unit of a currency is worth in the reporting one; may be repeated",
    )
    report.add_argument(
        "--model",
        default="quotes",
        choices=MODELS,
        help="what the smiles are made of: the quotes themselves or a model that is fitted to them",
    )
    report.set_defaults(run=_report)

    _add_replay(commands.add_parser("replay", help="a real day again, as the maker of its trades"))
    _add_monitor(commands.add_parser("monitor", help="watch a live inventory, or a day again"))

    config = commands.add_parser("build-config", help="what to put into a bug report")
    config.set_defaults(run=_build_config)
    return parser


def _add_replay(replay: argparse.ArgumentParser) -> None:
    replay.add_argument("trades", metavar="TRADES", help="minute bars of option trades")
    replay.add_argument("--quotes", required=True, metavar="QUOTES", help="of their quotes")
    replay.add_argument("--index", metavar="INDEX", help="of the underlying: spots, settlement")
    replay.add_argument("--date", metavar="DAY", help="of the files, where they have several")
    replay.add_argument(
        "--every",
        type=_minutes,
        default=5,
        metavar="MINUTES",
        help="between markets implied from quotes (default: %(default)s)",
    )
    replay.add_argument(
        "--fee", type=float, default=0.0, help="per contract, paid (default: %(default)s)"
    )
    replay.add_argument(
        "--settle", type=float, metavar="PRICE", help="of what expires, instead of the index's"
    )
    replay.add_argument("--margin", metavar="RULES", help="of hedgerow.margin_rules, as tims_index")
    replay.add_argument(
        "--limit",
        action="append",
        default=[],
        type=_limit,
        metavar="MEASURE[@KEYS]=[SOFT:]HARD",
        help="of the inventory, or of each of its parts by keys, as in vega@underlying,expiry=2e6; "
        f"a breach ends {_INSIDE:.0%} inside; may be repeated",
    )
    replay.add_argument("--journal", type=Path, metavar="FILE", help="also keep every event")
    replay.add_argument("--html", type=Path, metavar="OUT", help="also write one HTML page")
    replay.add_argument("--strict", action="store_true", help="refuse files with any bad row")
    replay.set_defaults(run=_replay)


def _minutes(text: str) -> int:
    """Reads a whole number of minutes."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number from 1")
    return int(text)


def _limit(text: str) -> tuple[str, tuple[str, ...], float, float]:
    """Reads "delta=250000" and "vega@underlying,expiry=1e6:2e6": measure, keys, soft, hard."""
    name, _, bounds = text.partition("=")
    measure, _, keys = name.partition("@")
    soft, _, hard = bounds.rpartition(":")
    try:
        high = float(hard)
        low = float(soft) if soft else high
    except ValueError:
        high = low = 0.0
    if not measure or not 0 < low <= high < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} must read like delta=1000 or vega=900:1000")
    return measure, tuple(filter(None, keys.split(","))), low, high


def _add_monitor(monitor: argparse.ArgumentParser) -> None:
    monitor.add_argument("journal", nargs="?", metavar="JOURNAL", help="of a live inventory")
    monitor.add_argument("--replay", metavar="TRADES", help="minute bars of trades, instead")
    monitor.add_argument("--quotes", metavar="QUOTES", help="minute bars of quotes, to replay with")
    monitor.add_argument("--index", metavar="INDEX", help="minute bars of the underlying, likewise")
    monitor.add_argument("--date", metavar="DAY", help="of the files' days, as 20210104")
    monitor.add_argument(
        "--speed",
        type=float,
        default=60.0,
        metavar="X",
        help="of a replay: so many times as fast as it was (default: %(default)g)",
    )
    monitor.add_argument("--once", action="store_true", help="print what is there now, and end")
    monitor.add_argument("--web", action="store_true", help="serve a page instead of drawing here")
    monitor.add_argument("--host", default="127.0.0.1", help="to serve at (default: %(default)s)")
    monitor.add_argument(
        "--port", type=int, default=8377, help="likewise; 0: a free one (default: %(default)s)"
    )
    monitor.add_argument("--margin", metavar="RULES", help="of hedgerow.margin_rules, as deribit")
    monitor.add_argument("--limits", metavar="FILE", help="to watch: .toml or .json")
    monitor.add_argument(
        "--limit",
        action="append",
        default=[],
        type=_limit,
        metavar="MEASURE[@KEYS]=[SOFT:]HARD",
        help="to watch as well, as in replay; may be repeated",
    )
    monitor.add_argument(
        "--tags", default="", metavar="NAMES", help="of events, that tell owners apart"
    )
    monitor.add_argument(
        "--refresh",
        type=float,
        default=0.5,
        metavar="SECONDS",
        help="between two pictures (default: %(default)g)",
    )
    monitor.set_defaults(run=_monitor)


def _rate(text: str) -> tuple[str, float]:
    """Reads "EUR=1.08"."""
    currency, _, number = text.partition("=")
    try:
        value = float(number)
    except ValueError:
        value = 0.0
    if not currency or not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} must read like EUR=1.08")
    return currency, value


def _report(arguments: argparse.Namespace) -> None:
    # Imported late: --version and --help need none of it.
    from hedgerow import report
    from hedgerow.calibrate import calibrate, market
    from hedgerow.io import read_book, read_quotes

    with _progress() as stage:
        stage("reading")
        book = read_book(arguments.book, strict=arguments.strict)
        quotes = read_quotes(arguments.market, strict=arguments.strict)
        stage("calibrating")
        rates = dict(arguments.rate)
        if arguments.model == "quotes":
            snapshot, market_report = market(quotes, reporting=arguments.currency, rates=rates)
            fit_report = None
        else:
            snapshot, fit_report = calibrate(
                quotes, model=arguments.model, reporting=arguments.currency, rates=rates
            )
            market_report = fit_report.market
        stage("revaluing")
        try:
            built = report.build(
                book,
                snapshot,
                by=[key.strip() for key in arguments.by.split(",") if key.strip()],
                market_report=market_report,
                fit_report=fit_report,
                rejected=[part for part in (book.rejected, quotes.rejected) if part is not None],
            )
        except InvalidInput as error:
            if error.argument != "key":
                raise
            raise _WrongUsage(f"--by {error.value}: {error.rule}") from None
        stage("writing")
        try:
            page = report.to_html(built) if arguments.html else ""
        except MissingExtra as error:
            raise _WrongUsage(f"--html: {error}") from None
        if arguments.html:
            arguments.html.write_text(page, encoding="utf-8")
        if arguments.json:
            arguments.json.write_text(report.to_json(built), encoding="utf-8")
    _show(report.to_text(built))


def _replay(arguments: argparse.Namespace) -> None:
    from hedgerow import live
    from hedgerow.report import day

    rules = _margin_rules(arguments.margin)
    with _progress() as stage:
        stage("reading")
        try:
            found = live.read_day(
                arguments.trades,
                arguments.quotes,
                index=arguments.index,
                date=arguments.date,
                every=arguments.every,
                settlement=arguments.settle,
                fee=arguments.fee,
            )
            for rejected in found.rejected:
                if arguments.strict:
                    rejected.raise_if_any()
            stage("replaying")
            limits = _limits(arguments)
            session = live.run_session(found, journal=arguments.journal, rules=rules, limits=limits)
        except InvalidInput as error:
            option = _OPTIONS.get(error.argument)
            if option is None:
                raise
            raise _WrongUsage(f"{option} {error.value}: {error.rule}") from None
        stage("writing")
        lost = [f"{Path(r.source).name}: {line}" for r in found.rejected for line in _left_out(r)]
        notes = [*found.notes(), *lost]
        if arguments.html:
            try:
                page = day.to_html(session, notes=notes)
            except MissingExtra as error:
                raise _WrongUsage(f"--html: {error}") from None
            arguments.html.write_text(page, encoding="utf-8")
    _show(day.to_text(session, notes=notes))


def _limits(arguments: argparse.Namespace) -> list[Limit]:
    from hedgerow import live

    return [
        live.Limit(measure=measure, keys=keys, soft=soft, hard=hard, hysteresis=_INSIDE * hard)
        for measure, keys, soft, hard in arguments.limit
    ]


def _left_out(rejected: Rejected) -> list[str]:
    """The notes of a file, and its first rows that were left out."""
    rows = [f"left out: {row}" for row in rejected.rows[:_BAD_ROWS]]
    more = len(rejected) - len(rows)
    return [*rejected.notes, *rows, *([f"left out: {more:,} more faults"] if more > 0 else [])]


def _monitor(arguments: argparse.Namespace) -> None:
    from hedgerow import monitor
    from hedgerow.monitor import terminal, web

    if not arguments.refresh > 0:
        raise _WrongUsage(f"--refresh {arguments.refresh}: must be positive")
    console = None
    try:
        if arguments.web and not arguments.once:
            web.require()
        else:
            console = terminal.console()
    except MissingExtra as error:
        raise _WrongUsage(str(error)) from None
    rules = _margin_rules(arguments.margin)
    limits = [*(monitor.read_limits(arguments.limits) if arguments.limits else ())]
    limits += _limits(arguments)
    tags = [name.strip() for name in arguments.tags.split(",") if name.strip()]
    feed = _feed(arguments)
    try:
        try:
            follower = monitor.Follower(
                feed, limits=limits, rules=rules, tags=tags, every=arguments.refresh
            )
        except InvalidInput as error:
            raise _WrongUsage(f"a limit on {error.value}: {error.rule}") from None
        if arguments.once:
            assert console is not None
            picture = follower.catch_up()
            if picture is None:
                raise InvalidInput("journal", feed.name, "must have events to show")
            terminal.show(picture, console)
            return
        with follower:
            if console is not None:
                terminal.run(follower, console)
            else:
                _serve(follower, arguments.host, arguments.port)
    except KeyboardInterrupt:
        pass  # how a monitor is ended
    finally:
        feed.close()
    if follower.error is not None:
        raise follower.error


def _serve(follower: Follower, host: str, port: int) -> None:
    from hedgerow.monitor import web

    follower.wait(0, 1.0)
    if follower.done and follower.picture is None:
        return  # there is nothing to serve, and the error says why
    listening = web.bind(host, port)
    with listening:
        shown = {"0.0.0.0": web.LOOPBACK, "::": "::1"}.get(host, host)
        at = f"[{shown}]" if ":" in shown else shown
        if host not in (web.LOOPBACK, "::1", "localhost"):
            sys.stderr.write("hedgerow: whoever reaches this address can read the page\n")
        sys.stdout.write(f"http://{at}:{listening.getsockname()[1]}/  (Ctrl-C ends it)\n")
        sys.stdout.flush()
        web.serve(follower, listening, host)


def _feed(arguments: argparse.Namespace) -> Feed:
    """What the arguments say that is to be followed."""
    from hedgerow.live.replay import maker_events
    from hedgerow.monitor import JournalFeed, PacedFeed

    if (arguments.journal is None) == (arguments.replay is None):
        raise _WrongUsage("monitor needs a JOURNAL or --replay TRADES, and not both")
    if arguments.journal is not None:
        return JournalFeed(arguments.journal)
    if arguments.quotes is None:
        raise _WrongUsage("--replay needs --quotes: markets are implied from them")
    if not arguments.speed > 0:
        raise _WrongUsage(f"--speed {arguments.speed}: must be positive")
    events = maker_events(
        arguments.replay, arguments.quotes, index=arguments.index, date=arguments.date
    )
    speed = math.inf if arguments.once else arguments.speed
    return PacedFeed(Path(arguments.replay).name, events, speed)


def _margin_rules(name: str | None) -> MarginRules | StrategyRules | None:
    from hedgerow import margin_rules

    # Without SPAN, whose ranges a clearing house publishes: nobody could give them here.
    known = [scheme for scheme in margin_rules.__all__ if scheme != "span"]
    if name is None:
        return None
    if name not in known:
        raise _WrongUsage(f"--margin {name}: must be one of {', '.join(known)}")
    rules: MarginRules | StrategyRules = getattr(margin_rules, name)()
    return rules


def _build_config(_: argparse.Namespace) -> None:
    for name, value in build_config().items():
        shown = ", ".join(value) if isinstance(value, list) else value
        sys.stdout.write(f"{name:16s}{shown}\n")


def _show(text: str) -> None:
    """Prints a report; with headings and losses set off where rich and a terminal are there."""
    if sys.stdout.isatty():
        try:
            from rich.console import Console
            from rich.text import Text
        except ImportError:
            pass
        else:
            styled = Text(text)
            styled.highlight_regex(r"(?m)^[A-Z& ]{6,}$", "bold cyan")
            styled.highlight_regex(r"(?m)^[-=][-= ]+$", "dim")
            styled.highlight_regex(r"(?<![\w-])-[\d.,]*\d", "red")
            Console(soft_wrap=True).print(styled, end="")
            return
    encoding = sys.stdout.encoding or "utf-8"  # a name in a file may be more than it can show
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
    sys.stdout.flush()


@contextmanager
def _progress() -> Iterator[Stage]:
    """Draws a bar on stderr for work over a second, where that is a terminal and rich is there."""
    try:
        from rich.console import Console
        from rich.progress import Progress as Bar
    except ImportError:
        Bar = None  # type: ignore[assignment,misc]
    if Bar is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    bar = Bar(console=Console(stderr=True), transient=True)
    patience = threading.Timer(_PATIENCE, bar.start)
    patience.start()

    def stage(name: str) -> None:
        for done in bar.task_ids:
            bar.remove_task(done)
        bar.add_task(name, total=None)

    try:
        yield stage
    finally:
        patience.cancel()
        patience.join()  # or it may start the bar after its stop
        bar.stop()


def _told(error: Exception) -> str:
    """The message, with the file's name where it is the system that complains."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror or error}"
    return str(error)


def _complain(message: str, code: int) -> int:
    sys.stderr.write(f"hedgerow: {message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
