"""What can be done from a terminal? The names and options of each command here, each deed in a file beside it."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.beginning import importing
from bot.cli.failing import WRONG_USE, Failure, misused
from bot.core.language import Language

app = typer.Typer(
    name="pool-stats",
    help="Tells an ML platform team, in chat, how its ModelArts resource pools are doing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
db = typer.Typer(help="The database: migration, retention, export.", no_args_is_help=True)
app.add_typer(db, name="db")

Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="The configuration (else POOL_STATS_CONFIG, else none).")
]
Port = Annotated[int, typer.Option("--port", min=0, max=65_535, help="Where to listen; 0 takes a free port.")]
Speed = Annotated[float, typer.Option("--speed", min=0.01, max=100_000, help="How many recorded seconds pass in one.")]


def _say_version(asked: bool) -> None:
    if asked:
        with importing():
            from bot.cli.version import this_version

        print(f"pool-stats {this_version()}")  # noqa: T201 - standard output is the answer
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """What goes before a command."""


class QueryFormat(StrEnum):
    """How `query` answers."""

    text = "text"
    json = "json"
    slack = "slack"
    teams = "teams"


class ListFormat(StrEnum):
    """How `pools` answers."""

    text = "text"
    json = "json"


class Described(StrEnum):
    """What `schema` describes."""

    configuration = "configuration"
    rules = "rules"


class BacktestFormat(StrEnum):
    """How `backtest` answers."""

    text = "text"
    jsonl = "jsonl"
    png = "png"


class PreviewFormat(StrEnum):
    """How `preview` draws."""

    slack = "slack"
    teams = "teams"
    html = "html"


class AuditFormat(StrEnum):
    """How `db export --audit` writes."""

    csv = "csv"
    jsonl = "jsonl"


class Platform(StrEnum):
    """Whose manifest."""

    slack = "slack"
    teams = "teams"


@app.command()
def demo(
    port: Port = 0,
    speed: Speed = 60.0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
    language: Annotated[Language, typer.Option("--language", help="What is spoken.")] = Language.ENGLISH,
) -> None:
    """See all of it working on this machine, without any account."""
    with importing():
        from bot.demo import demo as run_demo

    run_demo(port=port, speed=speed, browser=browser, language=language)


@app.command()
def run(config: Config = None) -> None:
    """Run the bot."""
    with importing():
        from bot.cli.running import run as run_bot

    run_bot(config)


@app.command()
def worker(
    config: Config = None,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, max=64, help="How many shards are read at once.")
    ] = 4,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65_535, help="Where to show /healthz, /readyz and /metrics, else nowhere."),
    ] = None,
) -> None:
    """Read pools for a bot whose scale.mode is cluster."""
    with importing():
        from bot.cli.working import work

    work(config, concurrency, port)


@app.command()
def query(
    pool: Annotated[str, typer.Argument(help="Its id, its display name or a unique beginning of either.")],
    format: Annotated[QueryFormat, typer.Option("--format", help="How to answer.")] = QueryFormat.text,  # noqa: A002 - the option's name
    config: Config = None,
) -> None:
    """Ask about one pool."""
    with importing():
        from bot.cli.asking import query as ask

    ask(pool, format.value, config)


@app.command()
def pools(
    format: Annotated[ListFormat, typer.Option("--format", help="How to answer.")] = ListFormat.text,  # noqa: A002 - the option's name
    config: Config = None,
) -> None:
    """All pools with their names, ids and counts."""
    with importing():
        from bot.cli.asking import pools as ask

    ask(format.value, config)


@app.command()
def check(
    config: Config = None,
    online: Annotated[
        bool, typer.Option("--online", help="Also prove credentials, scopes, channels and clock.")
    ] = False,
) -> None:
    """Say everything that is wrong with the configuration, and where."""
    with importing():
        from bot.cli.checking import check as look

    look(config, online=online)


@app.command()
def schema(
    of: Annotated[Described, typer.Argument(help="The whole configuration, or a file of rules.")] = (
        Described.configuration
    ),
) -> None:
    """Print the JSON Schema by which editors complete and check the configuration."""
    with importing():
        from bot.cli.describing import describe

    describe(of.value)


@app.command()
def backtest(
    samples: Annotated[list[Path], typer.Option("--samples", metavar="FILE", help="Recorded counts, CSV or CSV.gz.")],
    rules: Annotated[
        Path | None, typer.Option("--rules", metavar="FILE", help="Rules to try, else the shipped ones.")
    ] = None,
    format: Annotated[BacktestFormat, typer.Option("--format", help="How to answer.")] = BacktestFormat.text,  # noqa: A002 - the option's name
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write, else standard output.")
    ] = None,
    incidents: Annotated[
        bool, typer.Option("--incidents", help="After grouping and inhibition: one line for each message.")
    ] = False,
) -> None:
    """Replay recorded counts through the rules: what would have been told?"""
    with importing():
        from bot.cli import replaying

    (replaying.incidents if incidents else replaying.backtest)(samples, rules, format.value, out)


@app.command()
def test(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Series of counts, and the alerts expected.")],
) -> None:
    """Run unit tests of rules: do they tell what they should, when they should?"""
    with importing():
        from bot.cli.testing import test as run_tests

    run_tests(files)


@app.command()
def preview(
    name: Annotated[str | None, typer.Argument(help="One message; without it, all of them.")] = None,
    format: Annotated[  # noqa: A002 - the option's name
        PreviewFormat, typer.Option("--format", help="For which platform, or html for a page that shows both.")
    ] = PreviewFormat.slack,
    language: Annotated[Language, typer.Option("--language", help="In which language.")] = Language.ENGLISH,
) -> None:
    """Draw what the bot can say, as the platform's JSON, or as a page to look at."""
    with importing():
        from bot.cli.drawing import preview as draw

    draw(name, format.value, language)


@app.command()
def manifest(
    platform: Annotated[Platform, typer.Argument(help="Whose manifest.")],
    url: Annotated[
        str | None, typer.Option("--url", help="Where the platform reaches the bot (Slack: HTTP mode; Teams).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write, else standard output.")
    ] = None,
    older: Annotated[
        bool, typer.Option("--older", help="Teams: for a tenant that refuses the newest, without slash commands.")
    ] = False,
    config: Config = None,
) -> None:
    """The app manifest, made from the configuration (Teams: the zip that is uploaded)."""
    if platform is Platform.teams:
        with importing():
            from bot.cli.packaging import teams_app

        teams_app(url, out, config, older=older)
        return
    with importing():
        from bot.cli.drawing import manifest as write

    if older:
        raise Failure("--older goes with teams", status=WRONG_USE)
    write(url, out, config)


@app.command()
def emulator(
    port: Port = 0,
    trace: Annotated[
        Path | None, typer.Option("--trace", metavar="FILE", help="Recorded counts to replay, CSV or CSV.gz.")
    ] = None,
    speed: Speed = 1.0,
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario", metavar="NAME", help="calm, queue-growth, failure-burst, outage, counter-reset or causes."
        ),
    ] = None,
    project_id: Annotated[
        str | None, typer.Option("--project-id", metavar="ID", help="The project, so that two stand-ins differ.")
    ] = None,
) -> None:
    """Stand in for ModelArts; prints the environment that points a client at it."""
    with importing():
        from bot.cli.standing_in import emulator as stand_in

    stand_in(port, trace, speed, scenario, project_id)


@app.command()
def sandbox(
    app_url: Annotated[str, typer.Option("--app-url", help="Where the bot listens, such as http://127.0.0.1:8080.")],
    port: Port = 0,
) -> None:
    """Stand in for Slack and Teams, with a chat page; prints the environment that points a bot at them."""
    with importing():
        from bot.cli.standing_in import sandbox as stand_in

    stand_in(port, app_url)


@db.command()
def upgrade(config: Config = None) -> None:
    """Bring the database to this version's schema."""
    with importing():
        from bot.cli.storing import upgrade as bring_up

    bring_up(config)


@db.command()
def prune(config: Config = None) -> None:
    """Forget what is older than the configuration keeps."""
    with importing():
        from bot.cli.storing import prune as forget

    forget(config)


@db.command()
def export(
    pool: Annotated[list[str] | None, typer.Option("--pool", help="A pool's id; repeat for several, else all.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write, else standard output.")
    ] = None,
    audit: Annotated[bool, typer.Option("--audit", help="Who did what in chat, instead of the readings.")] = False,
    written_as: Annotated[
        AuditFormat, typer.Option("--format", help="With --audit: csv, or jsonl for one object a line.")
    ] = AuditFormat.csv,
    config: Config = None,
) -> None:
    """Write the stored readings as CSV, or with --audit the log of what people did."""
    with importing():
        from bot.cli.storing import export as write
        from bot.cli.storing import export_audit as write_audit

    if not audit:
        if written_as is not AuditFormat.csv:
            raise Failure("readings are written as CSV; --format goes with --audit", status=WRONG_USE)
        write(pool, out, config)
        return
    if pool:
        raise Failure("--pool goes with readings, not with --audit", status=WRONG_USE)
    write_audit(out, config, as_json=written_as is AuditFormat.jsonl)


def carry_out() -> int:
    """Do what the command line says; the exit status."""
    try:
        return int(app(prog_name="pool-stats", standalone_mode=False) or 0)
    except typer.TyperException as error:
        print(misused(error), file=sys.stderr)  # noqa: T201 - standard error is this command's voice
        return error.exit_code
    except typer.Abort:
        return 130
