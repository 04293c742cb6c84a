"""assetcare optics decode|read|fields."""

import sys
from pathlib import Path
from typing import Any

import click

from registry.cli import operator_actor, session, show
from registry.kernel.errors import Problem

_WHY = {
    "not_registered": "no asset; --register makes one",
    "no_identity": "says neither what it is nor sits where a module is known; give --host",
    "several_assets": "more than one asset fits",
}
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
    from registry.optics.decoder.errors import Unreadable
    from registry.optics.decoder.reading import modules_of
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


@optics.command("read")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--customer", "slug", required=True, help="Short name of the customer.")
@click.option("--register", is_flag=True, help="Make an asset of every module that is none yet.")
@click.option("--host", default="", help="Name of the switch or server that the modules are in.")
@click.option("--port", default="", help="The port that the module is in, where FILE does not say it.")
@click.option("--up/--down", "up", default=None, help="Whether its ports are switched on, where FILE does not say it.")
@click.option("--at", "moment", help="When it was read, such as 2026-05-01T09:30:00Z; default: now.")
@click.option("--json", "as_json", is_flag=True)
def read_file(file: Path, slug: str, as_json: bool, moment: str | None, **given: Any) -> None:
    """Keep what FILE tells of a customer's modules: their readings, their memory, where they sit.

    FILE (- for standard input) is what `decode` understands, or what it wrote with --json. Exit code 1: nothing in it
    was understood or stored; modules that are no assets are listed.
    """
    from registry.commands import checked
    from registry.optics.given import from_bytes as items_of
    from registry.optics.schemas import UploadIn
    from registry.optics.taking import take

    data = sys.stdin.buffer.read(MOST_BYTES + 1) if str(file) == "-" else _bytes(file)
    if len(data) > MOST_BYTES:
        raise Problem(f"A file may have {MOST_BYTES // 1024**2} MiB.", code="too_large")
    asked = {"customer": slug, "admin_up": given.pop("up"), **given, "name": file.name[:255]}
    with session():
        ready = checked(UploadIn(), asked | ({"at": moment} if moment else {}))
        done = take(operator_actor(), items_of(data), source="command", **ready)
    show(done) if as_json else click.echo("\n".join(_taken(done)))
    sys.exit(0 if done["items"] else 1)


def _taken(done: dict[str, Any]) -> list[str]:
    marks = {"claimable": " (can be claimed)", "registered": " [registered]"}
    lines = [
        f"{one['port'] or '-':<16} {one['serial']:<20} {one['verdict']}"
        + "".join(text for name, text in marks.items() if one[name])
        for one in done["items"]
    ]
    for one in done["unknown"]:
        named = " ".join(part for part in (one["vendor"], one["part_number"], one["serial"]) if part)
        lines.append(f"{one['port'] or '-':<16} {named or '(no identity)'}: {_WHY[one['why']]}")
    return [*lines, f"{done['stored']} readings stored, {done['repeated']} were here before."]


@optics.command()
def fields() -> None:
    """Print docs/optics-fields.md: where every field stands in a module's memory, in which unit."""
    from registry.optics.decoder.fields_table import document

    click.echo(document(), nl=False)


def _bytes(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MOST_BYTES + 1)
