"""Commands that carry an installation as a whole: backup, restore, copy-db."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from registry import __version__
from registry.cli import show
from registry.kernel import archive, backup, clock, copying, files, jobs, presence, restoring, saved_chains
from registry.kernel.archive import Manifest
from registry.kernel.backup import Place
from registry.kernel.canonical import NotCopied
from registry.kernel.errors import Problem
from registry.kernel.secrets import load_secret
from registry.settings import Settings

FILE = click.Path(dir_okay=False, path_type=Path)


def install(cli: click.Group) -> None:
    for command in (backup_group, restore, copy_db):
        cli.add_command(command)


WITHOUT_PLUGINS = click.option(
    "--without-plugins", is_flag=True, help="Leave out the tables of plugins that do not work here."
)


class Ticker:
    """Progress on one line of a terminal; nothing where nobody looks."""

    def __init__(self) -> None:
        self._wide = 0
        self._shown = sys.stderr.isatty()

    def __call__(self, text: str) -> None:
        if self._shown:
            click.echo(f"\r{text.ljust(self._wide)}", err=True, nl=False)
            self._wide = max(self._wide, len(text))

    def end(self) -> None:
        if self._wide:
            click.echo(f"\r{' ' * self._wide}\r", err=True, nl=False)


def place_of(chosen: Settings, *urls: str) -> Place:
    """The installation that the settings name. Nothing is made: a new place has no secret yet. `urls`: where its files
    are, if that is not where the settings say."""
    has_one = bool(chosen.secret) or (chosen.data / "secret").exists()
    secret = load_secret(chosen.data, chosen.secret or None) if has_one else None
    stores = [files.open_store(url) for url in urls or (chosen.storage_url,)]
    folder = next((store.root for store in stores if isinstance(store, files.FolderStore)), None)
    return Place(chosen.data.resolve(), chosen.database_url, folder, secret, __version__)


@click.group("backup", invoke_without_command=True)
@click.option(
    "--to", "target", type=FILE, help="FILE.zip; default: a name with the time, in backups/ of the data folder."
)
@click.option(
    "--with-secret", is_flag=True, help="Put the installation's secret in, too. Whoever has the file has all."
)
@click.option(
    "--no-chains", is_flag=True, help="Do not look over the audit chains (five seconds for a million entries)."
)
@WITHOUT_PLUGINS
@click.pass_context
def backup_group(
    context: click.Context, target: Path | None, with_secret: bool, no_chains: bool, without_plugins: bool
) -> None:
    """Write the whole installation into one file, while it is in use: database, files, import files.

    Without --with-secret keep the secret (file `secret` in the data folder, or ASSETCARE_SECRET) elsewhere: sealed
    licence keys cannot be read without it.
    """
    if context.invoked_subcommand:
        return
    from registry.cli import session

    with session(migrated=False) as chosen:
        target = target or chosen.data / "backups" / f"assetcare-{clock.now():%Y%m%dT%H%M%SZ}.zip"
        tick = Ticker()
        how = {"with_secret": with_secret, "chains": not no_chains, "incomplete": without_plugins}
        made = backup.make(place_of(chosen, *files.urls()), files.raw_store(), target, **how, tell=tick)
        tick.end()
        click.echo(f"Written: {target} ({target.stat().st_size / 2**20:.1f} MB, {len(made.entries)} entries)")
        if made.files_elsewhere:
            click.echo("Files are kept in a store of their own (ASSETCARE_STORAGE) and are not in the backup.")
        if made.gone:
            click.echo(f"{made.gone} files were deleted while it was made.")
        if not with_secret:
            click.echo("The secret is not in it: keep it elsewhere, sealed licence keys cannot be read without it.")
        _warn_of(made, "The installation that was saved has broken audit chains; the backup is as it is:")


def _warn_of(manifest: Manifest, text: str) -> None:
    if manifest.broken:
        click.echo(f"Warning: {text}", err=True)
        for line in saved_chains.told_of(manifest.broken):
            click.echo(f"  {line}", err=True)


@backup_group.command("verify")
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True)
def backup_verify(file: Path, as_json: bool) -> None:
    """Read a backup whole and look over everything in it, without changing anything; exit 1 when it is not sound."""
    chosen = _quiet()
    tick = Ticker()
    place = place_of(chosen)
    place.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = backup.verify(file, place, tell=tick)
    tick.end()
    told: dict[str, Any] = {
        "version": found.manifest.version,
        "made_at": found.manifest.made_at,
        "engine": found.manifest.engine,
        "migrations": found.manifest.migrations,
        "entries": found.entries,
        "bytes": found.manifest.bytes,
        "chains": found.chains,
        "broken": saved_chains.told_of(found.manifest.broken),
        "mark": {True: "ours", False: "not ours", None: "no secret here to tell"}[found.ours],
    }
    if as_json:
        show(told)
    else:
        for name, value in told.items():
            click.echo(f"{name}: {value if not isinstance(value, list) else ', '.join(value)}")
        if not told["broken"]:
            click.echo("The backup is sound.")
    _warn_of(found.manifest, "It is what was saved, but these audit chains were broken then:")
    sys.exit(1 if told["broken"] else 0)


@click.command()
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Replace the installation that is there; it is kept beside.")
@click.option("--trust", is_flag=True, help="Take an archive without this installation's mark.")
@WITHOUT_PLUGINS
def restore(file: Path, force: bool, trust: bool, without_plugins: bool) -> None:
    """Put a backup back, with everything stopped: it is looked over first, then swapped in as a whole.

    Into PostgreSQL: ASSETCARE_DATABASE must name an empty database.
    """
    chosen = _quiet()
    tick = Ticker()
    how = {"force": force, "trust": trust, "incomplete": without_plugins}
    kept = restoring.restore(file, place_of(chosen), **how, tell=tick)
    tick.end()
    with archive.opened(file, None) as packed:
        _warn_of(packed.manifest, "These audit chains were broken when the backup was made, and are so now:")
    click.echo("Restored. Start Assetcare; it brings the database to this version if need be.")
    if kept:
        click.echo(f"What was there before: {kept.parent}/*{restoring.ASIDE}{kept.name.rpartition(restoring.ASIDE)[2]}")
    if not (chosen.secret or (chosen.data / "secret").exists()):
        click.echo("The archive has no secret: set ASSETCARE_SECRET to the one it was made with before you start.")


@click.command("copy-db")
@click.option("--from", "source", required=True, help="sqlite:///PATH or postgresql://USER@HOST/NAME")
@click.option("--to", "target", required=True, help="The same. Must be empty, or hold a copy that was cut off.")
@click.option("--while-running", is_flag=True, help="Although somebody works with it: to see how long it takes.")
@click.option("--json", "as_json", is_flag=True)
@click.option("--step", default=5000, hidden=True, type=click.IntRange(1, 100_000))
@WITHOUT_PLUGINS
def copy_db(source: str, target: str, while_running: bool, as_json: bool, step: int, without_plugins: bool) -> None:
    """Copy a whole database into another one and prove it: counts, checksums, audit chains.

    Cut off, it goes on where it was when it is called again. Stop the server first: what is written meanwhile is not
    copied (exit code 1 tells that something was). A server on this host is noticed, one on another host is not.
    """
    chosen = _quiet()
    tick = Ticker()
    try:
        with ExitStack() as stack:
            for folder in () if while_running else _houses(chosen, source, target):
                stack.enter_context(presence.alone(folder))
            report = copying.copy(source, target, tell=tick, step=step, incomplete=without_plugins)
        if not target.startswith("sqlite:"):
            jobs.lay_out(target)
    except NotCopied as error:
        raise Problem(str(error), code="not_copied") from None
    tick.end()
    if as_json:
        show(report.told())
    else:
        _tell(report)
    sys.exit(1 if report.source_changed or report.faults else 0)


def _houses(chosen: Settings, *urls: str) -> list[Path]:
    """The data folders that belong to these databases, as far as they can be known from here."""
    near = {chosen.data.resolve() for url in urls if url == chosen.database_url}
    near |= {Path(url.removeprefix("sqlite:///")).resolve().parent for url in urls if url.startswith("sqlite:///")}
    return sorted(folder for folder in near if presence.is_house(folder))


def _tell(report: copying.Copied) -> None:
    for table, (rows, checksum) in report.checksums.items():
        click.echo(f"{table:<24}{rows:>10}  {checksum[:16]}")
    spent = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in report.seconds.items())
    click.echo(f"{report.rows} rows in {len(report.checksums)} tables are the same on both sides ({spent}).")
    if report.left_out:
        click.echo(f"Not ours, and not copied: {', '.join(report.left_out)}")
    for fault in report.faults:
        click.echo(f"BROKEN, in the source already: {fault}")
    if report.source_changed:
        click.echo("The source was written to meanwhile. What came later is NOT in the target.")
    elif not report.faults:
        click.echo(f"{report.chains} audit chains verify. Set ASSETCARE_DATABASE to the new one and start.")


def _quiet() -> Settings:
    """Settings and declared rooms, with no database opened and nobody in the house."""
    from registry.app import load_plugins, load_rooms
    from registry.kernel.logs import configure_logs

    chosen = Settings.load()
    configure_logs("ERROR")
    load_rooms()
    load_plugins(chosen)
    presence.leave()
    return chosen
