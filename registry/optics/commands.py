"""assetcare optics decode|fields."""

import sys
from pathlib import Path

import click

from registry.cli import show
from registry.kernel.errors import Problem

MOST_BYTES = 64 * 1024 * 1024


@click.group()
def optics() -> None:
    """Optics: transceivers, by what they say of themselves."""


@optics.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One object for each module, in a list.")
def decode(file: Path, as_json: bool) -> None:
    """Tell what the modules in FILE are and how they do, without touching a database.

    FILE (- for standard input) is the raw memory of a module, a hexadecimal dump of one, or what a switch or server
    prints about its transceivers. Exit code 1: nothing in it was understood.
    """
    from registry.optics.errors import Unreadable
    from registry.optics.reading import modules_of
    from registry.optics.showing import as_data, as_lines

    data = sys.stdin.buffer.read(MOST_BYTES + 1) if str(file) == "-" else _bytes(file)
    if len(data) > MOST_BYTES:
        raise Problem(f"A file may have {MOST_BYTES // 1024**2} MiB.", code="too_large")
    try:
        found = modules_of(data)
    except Unreadable as error:
        raise Problem(str(error), code="unreadable") from None
    if as_json:
        show([as_data(module) for module in found])
        return
    click.echo("\n".join("\n".join(as_lines(module)) for module in found))


@optics.command()
def fields() -> None:
    """Print docs/optics-fields.md: where every field stands in a module's memory, in which unit."""
    from registry.optics.fields_table import document

    click.echo(document(), nl=False)


def _bytes(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MOST_BYTES + 1)
