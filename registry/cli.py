"""The command line: everything an operator does. Exit codes: 0 done, 1 refused or not sound, 2 wrong usage."""

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click
import psycopg
from peewee import DatabaseError, OperationalError

from registry import __version__
from registry.kernel import db, wall
from registry.kernel.access import Actor
from registry.kernel.errors import Invalid, Problem
from registry.kernel.secrets import WeakSecret, load_secret
from registry.settings import Settings


@contextmanager
def session(*, migrated: bool = True) -> Iterator[Settings]:
    """Settings, an open database and declared rooms, for one command."""
    from registry.app import open_house
    from registry.kernel import migrate

    chosen = Settings.load()
    open_house(chosen)
    before = wall.stand(wall.EVERYWHERE)
    try:
        with db.connection():
            if migrated:
                prepare(chosen, migrate.pending())
            yield chosen
    finally:
        wall.stand(before)


def prepare(settings: Settings, waiting: list[str]) -> None:
    """Embedded mode migrates by itself; PostgreSQL waits for `assetcare migrate`, run once by whoever deploys."""
    from registry.defaults import install_defaults, installed
    from registry.kernel import copying, installation, migrate
    from registry.plugins import tables

    if copying.unfinished():
        text = "This database is the target of an unfinished copy. Run copy-db again (or restore)."
        raise Problem(text, code="unfinished_copy")
    if waiting or not installed():
        if not settings.embedded:
            raise Problem(f"{len(waiting)} migrations are pending. Run: assetcare migrate", code="not_migrated")
        migrate.migrate()
        install_defaults()
    tables.settle(may_migrate=settings.embedded)
    installation.same_secret(load_secret(settings.data, settings.secret or None))


def operator_actor() -> Actor:
    """Whoever may run commands on this machine may do everything; the chain says it came by command."""
    import getpass

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "unknown"
    return Actor.system(name=f"command line ({name})", kind="command")


def show(body: Any) -> None:
    click.echo(json.dumps(body, default=str, indent=2, ensure_ascii=False))


class Commands(click.Group):
    """Problems become one sentence on stderr and exit code 1, never a trace."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **{"context_settings": {"help_option_names": ["-h", "--help"]}, **named})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Ours, or the commands of a plugin under its name: assetcare acme_loans list."""
        found = super().get_command(ctx, cmd_name)
        if found is None:
            from registry.plugins.commands import commands_of

            found = commands_of(cmd_name.replace("-", "_"))
        return found

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            fail(problem)
        except (DatabaseError, sqlite3.DatabaseError, psycopg.Error, OSError) as error:
            if (said := _said_by_the_machine(error)) is None:
                raise
            click.echo(f"Error: {said}", err=True)
            sys.exit(1)
        except (WeakSecret, ValueError) as error:
            if not isinstance(error, WeakSecret) and "ASSETCARE_" not in str(error):
                raise
            click.echo(f"Error: {error}", err=True)
            sys.exit(1)


def _said_by_the_machine(error: Exception) -> str | None:
    """In one sentence what the database server or the disk has against it; None for what is our own fault."""
    cause = error.__cause__ or error.__context__ or error
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename and error.strerror else None
    first = (str(error).strip().splitlines() or [""])[0]
    denied = psycopg.errors.InsufficientPrivilege
    if isinstance(error, denied) or isinstance(cause, denied):
        return f"The database refuses: {first}. The role that owns the tables may do it."
    if isinstance(error, (OperationalError, psycopg.OperationalError)) and db.is_away(error):
        return f"The database cannot be used: {first}"
    return f"This is no SQLite database: {first}" if "not a database" in first else None


def fail(problem: Problem) -> NoReturn:
    shown = "this cannot be accepted:" if problem.message == Invalid.message else problem.message
    click.echo(f"Error: {shown}", err=True)
    for name, texts in problem.errors.items():
        text = " ".join(str(one) for one in texts)
        if text != problem.message:
            click.echo(f"  {name}: {text}", err=True)
    sys.exit(1)


@click.group(cls=Commands)
@click.version_option(__version__, prog_name="assetcare")
def cli() -> None:
    """Assetcare: a registry of assets, licences and the warranties owed on them."""


@cli.command()
@click.option("--host", help="Address to listen on (ASSETCARE_HOST).")
@click.option("--port", type=int, help="Port to listen on (ASSETCARE_PORT).")
@click.option("--workers", type=click.IntRange(1, 64), help="Web processes (ASSETCARE_WORKERS).")
@click.option("--no-worker", is_flag=True, help="Do not run the job worker beside the web processes.")
def serve(host: str | None, port: int | None, workers: int | None, no_worker: bool) -> None:
    """Serve pages and API, with the job worker beside it."""
    from registry.server import run

    given = {"host": host, "port": port, "workers": workers, "consumer": False if no_worker else None}
    run(Settings.load(None, **{name: value for name, value in given.items() if value is not None}))


@cli.command()
@click.option("--beside", is_flag=True, hidden=True, help="Stop when the process that started it is gone.")
def worker(beside: bool) -> None:
    """Run the job worker alone."""
    from registry.server import run_worker

    run_worker(Settings.load(), beside=beside)


@cli.command()
@click.option("--check", is_flag=True, help="Change nothing; exit 1 when something is pending.")
def migrate(check: bool) -> None:
    """Bring the database to this version."""
    from registry.defaults import install_defaults
    from registry.kernel import installation, jobs
    from registry.kernel import migrate as migrations
    from registry.plugins import tables

    with session(migrated=False) as chosen:
        if check:
            waiting = [*migrations.pending(), *tables.pending()]
            for name in waiting:
                click.echo(f"pending: {name}")
            if not waiting:
                click.echo("Nothing is pending.")
            sys.exit(1 if waiting else 0)
        applied = [*migrations.migrate(), *tables.settle(may_migrate=True)]
        for name in applied:
            click.echo(f"applied: {name}")
        if not applied:
            click.echo("Nothing was pending.")
        install_defaults()
        installation.same_secret(load_secret(chosen.data, chosen.secret or None))
        with migrations.alone():
            jobs.lay_out(chosen.queue_url)


@cli.command()
@click.option("--public", is_flag=True, help="Advice counts as a fault: is it fit for the internet?")
@click.option("--no-chains", is_flag=True, help="Leave the audit chains out (ten seconds for a million entries).")
@click.option("--json", "as_json", is_flag=True)
def check(public: bool, no_chains: bool, as_json: bool) -> None:
    """Look whether everything is in order, and fit for strangers. Exit 1 when it is not."""
    from registry import checks

    bad = (checks.FAULT, checks.ADVICE) if public else (checks.FAULT,)
    with session(migrated=False) as chosen:
        found = list(checks.run(chosen, chains=not no_chains))
    in_order = not any(one.state in bad for one in found)
    if as_json:
        show({"in_order": in_order, "findings": [one.as_json() for one in found]})
    for one in [] if as_json else found:
        click.echo(f"{one.state.upper() if one.state in bad else one.state:7} {one.subject}: {one.text}")
    if not as_json:
        click.echo("Everything is in order." if in_order else "Not in order.")
    sys.exit(0 if in_order else 1)


@cli.group()
def secret() -> None:
    """The installation's secret."""


@secret.command("accept")
def secret_accept() -> None:
    """Go on with this secret although the database knows another one. What the old one sealed cannot be read again."""
    from registry.actions import Action
    from registry.kernel import audit, installation
    from registry.kernel.db import transaction

    with session(migrated=False) as chosen, transaction():
        before = installation.known_secret()
        installation.accept_secret(load_secret(chosen.data, chosen.secret or None))
        after = installation.known_secret()
        entry = audit.Entry(Action.SECRET_ACCEPTED, "installation", None, "secret", {"is": before}, {"is": after})
        audit.record(operator_actor(), None, [entry])
    if before == after:
        click.echo("The database knows this secret already: nothing has changed.")
    else:
        click.echo("This secret belongs to the database now. Sessions and links made with the old one are void.")


@cli.group()
def audit() -> None:
    """The audit chain."""


@audit.command("verify")
@click.option("--customer", help="Short name of one customer; default: every chain.")
@click.option("--heads", is_flag=True, help="Print each chain's signed head, to keep elsewhere.")
@click.option("--json", "as_json", is_flag=True)
def audit_verify(customer: str | None, heads: bool, as_json: bool) -> None:
    """Recompute the chains; exit 1 and name the entry when one was edited, removed or re-ordered."""
    from registry.customers.service import customer_by
    from registry.kernel import audit as chains
    from registry.kernel.secrets import derive

    with session() as chosen:
        only = customer_by(operator_actor(), customer).id if customer else None
        states = list(chains.verify(only))
        if as_json:
            show([{"customer_id": s.customer_id, "length": s.length, "head": s.head, "fault": s.fault} for s in states])
        key = derive(load_secret(chosen.data, chosen.secret or None), "chain heads")
        for state in [] if as_json else states:
            verdict = f"BROKEN: {state.fault}" if state.fault else "sound"
            click.echo(f"chain {state.customer_id}: {state.length} entries, {verdict}")
            if heads and not state.fault:
                click.echo(f"  {chains.signed_head(state, key)}")
        sys.exit(1 if any(state.fault for state in states) else 0)


@cli.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from registry.app import create_app
    from registry.web.document import describe

    with session():
        show(describe(create_app()))


@cli.command()
def permissions() -> None:
    """Print who may do what: roles, permissions and routes, as Markdown."""
    from registry.app import create_app
    from registry.web.permissions import describe

    with session():
        click.echo(describe(create_app()))


@cli.command()
def settings() -> None:
    """Print every setting with its default and meaning, as a Markdown table."""
    from registry.settings import describe

    click.echo("# Settings\n\nEnvironment variables, read when a process starts.\n")
    click.echo("| variable | default | meaning |\n|---|---|---|")
    for variable, default, meaning in describe():
        click.echo(f"| `{variable}` | {f'`{default}`' if default else ''} | {meaning} |")


def main() -> None:
    from registry import commands

    commands.install(cli)
    cli()
