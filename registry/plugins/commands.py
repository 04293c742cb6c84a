"""assetcare plugin: what is installed, on and off, a new one, and the end of one's data. And plugins' own commands."""

import sys
from pathlib import Path
from typing import Any

import click

from registry.cli import operator_actor, session, show
from registry.plugins import finding, incidents
from registry.plugins.current import host
from registry.plugins.host import Plugin
from registry.plugins.switches import is_open


def _named(_context: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """acme-loans is acme_loans: the one is what pip calls it, the other what Python does."""
    return value and value.replace("-", "_")


@click.group()
def plugin() -> None:
    """Plugins: what is installed, and what becomes of it."""


@plugin.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_plugins(as_json: bool) -> None:
    """Every plugin that is installed, its state, and why it is off."""
    from registry.plugins.overview import rows

    with session():
        found = rows()
    if as_json:
        show(found)
        return
    for row in found:
        click.echo(f"{row['name']:24} {row['version']:10} {row['state']:10} {row['title']}")
        if row["reason"]:
            click.echo(f"{'':24} {row['reason']}")
    if not found:
        click.echo("No plugin is installed.")


def _customer_id(slug: str | None) -> int | None:
    from registry.customers.service import customer_by

    return customer_by(operator_actor(), slug).id if slug else None


@plugin.command()
@click.argument("name", callback=_named)
@click.option("--customer", "slug", help="Short name of the customer; default: the house.")
def enable(name: str, slug: str | None) -> None:
    """Switch the plugin NAME on."""
    _switch(name, slug, on=True)


@plugin.command()
@click.argument("name", callback=_named)
@click.option("--customer", "slug", help="Short name of the customer; default: the house.")
def disable(name: str, slug: str | None) -> None:
    """Switch the plugin NAME off. It keeps its data."""
    _switch(name, slug, on=False)


def _switch(name: str, slug: str | None, *, on: bool) -> None:
    from registry.plugins import switches

    with session():
        if name not in host().plugins:
            raise click.ClickException(f"No plugin {name!r} is installed. See: assetcare plugin list")
        switches.switch(operator_actor(), name, on=on, customer_id=_customer_id(slug))
    where = f"for {slug}" if slug else "for the house"
    click.echo(f"{name} is {'on' if on else 'off'} {where}. Running processes follow within seconds.")


@plugin.command()
@click.argument("name", callback=_named, required=False)
@click.option("--json", "as_json", is_flag=True)
def check(name: str | None, as_json: bool) -> None:
    """Look whether plugins fit and are healthy. Exit 1 when one is not."""
    from registry.app import create_app
    from registry.plugins.checking import findings

    with session() as chosen:
        create_app(chosen)  # their pages are looked at, too
        found = findings(name)
    if as_json:
        show([one._asdict() for one in found])
    for one in [] if as_json else found:
        click.echo(f"{one.state.upper() if one.state == 'fault' else one.state:7} {one.plugin}: {one.text}")
    if name and not found:
        raise click.ClickException(f"No plugin {name!r} is installed. See: assetcare plugin list")
    sys.exit(1 if any(one.state == "fault" for one in found) else 0)


@plugin.command()
@click.argument("name")
@click.option("--title", help="What people read; default: made from NAME.")
@click.option("--to", "parent", type=click.Path(file_okay=False, path_type=Path), default=Path())
def new(name: str, title: str | None, parent: Path) -> None:
    """Begin a plugin in the folder NAME, with a page, a table, a job, a command and tests that pass."""
    from registry.plugins.scaffolding import begin

    try:
        folder = begin(name, parent, title)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    click.echo(f"Begun in {folder}. Next:\n  cd {folder}\n  pip install --editable '.[test]'\n  pytest")


@plugin.command()
@click.argument("name", callback=_named)
@click.argument("migration")
def freeze(name: str, migration: str) -> None:
    """Write the SQL of a MIGRATION of the plugin NAME from its models, such as 0002_due_date."""
    from registry.plugins.scaffolding import freeze_migration

    _load()  # no installation is needed, and none is made in the folder of a plugin's sources
    try:
        paths = freeze_migration(name, migration)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    for path in paths:
        click.echo(str(path))


@plugin.command()
def hooks() -> None:
    """Print the reference of the hooks, as Markdown."""
    from registry.plugins.reference import reference

    click.echo(reference())


@plugin.command("drop-data")
@click.argument("name", callback=_named)
@click.option("--confirm", callback=_named, help="The name once more: what is dropped comes back from a backup only.")
def drop_data(name: str, confirm: str | None) -> None:
    """Drop the tables, files and settings of the plugin NAME, which must be off or gone."""
    from registry.plugins.dropping import drop_data as drop
    from registry.plugins.dropping import tables_of

    with session():
        if confirm != name:
            tables: Any = ", ".join(tables_of(name)) or "no table"
            raise click.UsageError(f"This would drop {tables}. To do so, say: --confirm {name}")
        gone = drop(operator_actor(), name)
        installed = name in host().plugins
    click.echo(f"Dropped: {', '.join(gone.tables) or 'no table'}; files: {gone.files}.")
    if installed:
        click.echo(
            f"Restart Assetcare now: processes that run still count on its tables. {name} stays switched off; if you "
            f"want to begin anew with it: assetcare migrate, then assetcare plugin enable {name}."
        )


def _load() -> None:
    from registry.app import load_plugins, load_rooms
    from registry.settings import Settings

    load_rooms()
    load_plugins(Settings.load())


class PluginCommands(click.Group):
    """What one plugin offers. It runs when the plugin works and is on; a failure is told with its number."""

    plugin: Plugin

    def invoke(self, ctx: click.Context) -> Any:
        with session():
            if not self.plugin.works:
                raise click.ClickException(f"The plugin {self.plugin.name} is off: {self.plugin.reason}")
            if not is_open(self.plugin.name, None):
                raise click.ClickException(f"The plugin {self.plugin.name} is switched off.")
            try:
                return super().invoke(ctx)
            except (click.ClickException, click.exceptions.Exit, click.Abort):
                raise
            except Exception as error:
                failure = host().failed(self.plugin, "command", error)
                raise click.ClickException(f"{error} (incident {failure.incident.number})") from error
            finally:
                incidents.write_down()


def commands_of(name: str) -> click.Group | None:
    """The commands of an installed plugin; None when no plugin of that name is there, or it has none."""
    if name not in {entry.name for entry in finding.installed()}:
        return None
    _load()
    plugin = host().plugins.get(name)
    if plugin is None or plugin.declared is None:
        return None
    made = PluginCommands(name, help=plugin.title)
    made.plugin = plugin
    for command in plugin.declared.commands:
        made.add_command(command)
    return made
