"""assetcare import KIND FILE, and assetcare import undo ID."""

import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from registry.cli import operator_actor, session, show

REDRAW_SECONDS = 0.5


class Imports(click.Group):
    """`import KIND FILE` is short for `import file KIND FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = args and (args[0] in self.commands or args[0] in self.get_help_option_names(ctx))
        return super().parse_args(ctx, args if named or not args else ["file", *args])


@click.group("import", cls=Imports)
def imports() -> None:
    """Import a file: `assetcare import KIND FILE --customer SLUG`; `assetcare import file --help` tells the options."""


@imports.command("file")
@click.argument("kind")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--customer", "slug", required=True, help="Short name of the customer.")
@click.option("--dry-run", is_flag=True, help="Go through the file and tell what would happen; store nothing.")
@click.option("--mode", type=click.Choice(["create", "update", "mixed"]), default="mixed", show_default=True)
@click.option("--key", help="Field that tells which row is which: serial, tag ...")
@click.option(
    "--skip-errors", is_flag=True, help="Import the sound rows and report the others; default: all or nothing."
)
@click.option("--encoding", help="When the file is not UTF-8, such as cp1252 or gb18030.")
@click.option("--delimiter", help="When it cannot be told.")
@click.option("--sheet", help="Which sheet of a workbook.")
@click.option("--date-order", type=click.Choice(["ymd", "dmy", "mdy"]), help="How dates such as 1/2/23 are meant.")
@click.option("--decimal-mark", type=click.Choice([".", ","]))
@click.option(
    "--map", "maps", multiple=True, metavar="HEADER=FIELD", help="What a column means; HEADER= leaves it out."
)
@click.option("--saved-mapping", help="Name of a saved mapping.")
@click.option("--no-create-missing", is_flag=True, help="Refuse rows whose product or site does not exist.")
@click.option("--json", "as_json", is_flag=True)
def import_file(
    kind: str, file: Path, slug: str, maps: tuple[str, ...], skip_errors: bool, no_create_missing: bool, as_json: bool,
    **options: Any,
) -> None:  # fmt: skip
    """Import FILE (CSV or XLSX) of KIND: assets, licences, sites, contacts or products."""
    from registry.imports import service
    from registry.imports.listing import IMPORTS

    values = {
        **options,
        "kind": kind,
        "customer": slug,
        "filename": file.name,
        "create_missing": not no_create_missing,
        "on_error": "skip" if skip_errors else "stop",
        "mapping": dict(map(_pair, maps)) or None,
    }
    with session():
        actor = operator_actor()
        with _progress(quiet=as_json or not _is_terminal()) as keep:
            made = service.create_import(actor, values, lambda path: keep(file, path))
        found = IMPORTS.one(actor, made.id)
        show(found) if as_json else _report(found)
        refused = found["error_count"] and found["on_error"] == "stop"
        sys.exit(1 if found["state"] == "failed" or refused else 0)


def _is_terminal() -> bool:
    return sys.stderr.isatty()


def _pair(text: str) -> tuple[str, str | None]:
    header, sign, name = text.rpartition("=")
    if not sign or not header:
        raise click.UsageError(f"--map {text}: write HEADER=FIELD, or HEADER= to leave the column out.")
    return header, name or None


@imports.command("undo")
@click.argument("number", type=click.IntRange(1, 2**63 - 1), metavar="ID")
@click.option("--json", "as_json", is_flag=True)
def undo_import(number: int, as_json: bool) -> None:
    """Take the import ID back as a whole, or not at all. Exit 1, with names, when some of it was changed or used
    since."""
    from registry.imports import service
    from registry.imports.listing import IMPORTS

    with session():
        actor = operator_actor()
        found = service.get_import(actor, number)
        with _progress(quiet=as_json or not _is_terminal(), key=found.file_key):
            service.undo_import(actor, number)
        if as_json:
            show(IMPORTS.one(actor, number))
        else:
            click.echo(f"Import {number} ({found.label}) is undone: everything is as it was before.")


@contextmanager
def _progress(*, quiet: bool, key: str | None = None) -> Iterator[Any]:
    """A line on the terminal that says how far it is."""
    from registry.imports import store

    stop, keys = threading.Event(), [key] if key else []

    def keep(source: Path, target: Path) -> None:
        shutil.copyfile(source, target)
        keys.append(target.name)

    def draw() -> None:
        while not stop.wait(REDRAW_SECONDS):
            found = store.progress(keys[0]) if keys else None
            if found:
                click.echo(f"\r{found['rows']:>10,} rows  {found['share']:>5.0%}", nl=False, err=True)

    if not quiet:
        threading.Thread(target=draw, daemon=True).start()
    try:
        yield keep
    finally:
        stop.set()
        if not quiet:
            click.echo("\r" + " " * 30 + "\r", nl=False, err=True)


def _report(found: dict[str, Any]) -> None:
    counts = ", ".join(f"{found[name]} {name}" for name in ("created", "updated", "unchanged", "skipped"))
    verb = {"checked": "would be: ", "failed": "nothing was stored; "}.get(found["state"], "")
    click.echo(f"Import {found['id']}, {found['rows']} rows: {verb}{counts}, {found['error_count']} errors")
    for notice in found["notices"]:
        click.echo(f"  note: {notice}")
    for error in found["errors"][:50]:
        where = f"line {error['line']}" + (f", column {error['column']}" if error["column"] else "")
        value = f" ({error['value']!r})" if error["value"] else ""
        click.echo(f"  {where}{value}: {error['message']}", err=True)
    if found["error_count"] > 50:
        click.echo(f"  ... and {found['error_count'] - 50} more; --json shows up to 1000", err=True)
