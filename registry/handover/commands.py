"""assetcare package make|read|verify, and assetcare erase."""

import os
import secrets
import sys
from pathlib import Path
from typing import Any

import click

from registry.cli import operator_actor, session, show

_KEY = click.option("--key", help="The public key that must have signed it (64 hex digits).")


@click.group()
def package() -> None:
    """Packages: everything about one customer in one file."""


@package.command("make")
@click.argument("slug")
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help="FILE.zip")
@click.option("--for-third-party", "recipient", help="Whom it is for, if not the customer; needs his approval.")
@click.option("--without-keys", is_flag=True, help="Leave licence keys out.")
def package_make(slug: str, target: Path, recipient: str | None, without_keys: bool) -> None:
    """Write the package of the customer SLUG to a file that only this account can read."""
    from registry.customers.service import customer_by
    from registry.handover.handing import make_to

    with session():
        actor = operator_actor()
        customer_by(actor, slug)
        draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as file:
                manifest = make_to(actor, slug, file, recipient=recipient, with_keys=not without_keys)
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        rows = sum(manifest["tables"].values())
        click.echo(f"Written: {target} ({rows} rows, keys {manifest['keys']}).", err=True)
        click.echo(f"Signed with the key {manifest['public_key']}", err=True)


@package.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_KEY
@click.option("--json", "as_json", is_flag=True)
def package_verify(file: Path, key: str | None, as_json: bool) -> None:
    """Check a package: every file, the signature, the audit chain."""
    from registry.handover.unpacking import Unpacked

    with Unpacked(file, key) as opened:
        told = {name: opened.manifest[name] for name in ("customer", "made_at", "public_key", "chain", "keys")}
        if as_json:
            show({**told, "tables": opened.manifest["tables"]})
            return
        click.echo(f"Sound: {told['customer']['name']}, made at {told['made_at']}, keys {told['keys']}.")
        click.echo(f"Audit chain: {told['chain']['length']} entries, head {told['chain']['head']}")
        click.echo(f"Signed with the key {told['public_key']}")


@package.command("key")
def package_key() -> None:
    """Print the public key that packages and certificates of this house are signed with, as PEM."""
    from registry.kernel import signing

    with session():
        click.echo(signing.public_pem(), nl=False)
        click.echo(signing.public_key())


@package.command("read")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--slug", help="Short name that the customer shall have here; default: the one he had.")
@_KEY
def package_read(file: Path, slug: str | None, key: str | None) -> None:
    """Read a package into this installation: all of it or nothing. Accounts come shut and without passwords.

    Without --key it is whole and unchanged, but anybody may have made it.
    """
    from registry.handover.reading import read_package

    with session():
        found = read_package(operator_actor(), file, slug, key)
        click.echo(f"Read: {found.customer.slug} (id {found.customer.id}), {sum(found.rows.values())} rows.")
        for notice in found.notices:
            click.echo(f"  note: {notice}")


@click.command()
@click.argument("slug", required=False)
@click.option("--confirm", help="The short name again: nothing brings the data back.")
@click.option("--no-scrub", is_flag=True, help="Do not rewrite the database's files; the certificate says so.")
@click.option("--resume", is_flag=True, help="Carry on with erasures that stopped halfway.")
@click.option("--certificate", "target", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it.")
@click.option("--leaving", "reference", help="Only put on record that SLUG leaves: the paper that says so.")
@click.option("--waived", nargs=3, metavar="PAPER WHO DAY", help="With --leaving: he needs no package, as PAPER says.")
def erase(
    slug: str | None, confirm: str | None, no_scrub: bool, resume: bool, target: Path | None, reference: str | None,
    waived: tuple[str, str, str] | None,
) -> None:  # fmt: skip
    """Erase the customer SLUG after the hand-back, and write the certificate."""
    from registry.customers.service import customer_by
    from registry.handover import erasing

    if not slug and not resume:
        raise click.UsageError("Name the customer, or use --resume.")
    if reference is not None and (confirm or resume or target):
        raise click.UsageError("--leaving only puts it on record: leave out --confirm, --resume and --certificate.")
    if waived and reference is None:
        raise click.UsageError("--waived goes with --leaving PAPER.")
    with session():
        if resume or not slug:
            _resume_all(target)
            return
        customer_by(operator_actor(), slug)
        if target:
            _must_be_writable(target)  # what cannot be kept must be known before, not after
        if reference is not None:
            _announce(slug, reference, waived)
            return
        made = erasing.request_erasure(operator_actor(), slug, confirm or "", scrub=not no_scrub)
        _carry_out(made, target)


def _resume_all(target: Path | None) -> None:
    from registry.handover import erasing

    halfway = erasing.unfinished()
    if target and len(halfway) > 1:
        text = f"{len(halfway)} erasures stopped halfway: leave out --certificate, the API has one for each."
        raise click.UsageError(text)
    if target:
        _must_be_writable(target)
    for found in halfway:
        _carry_out(found, target)
    if not halfway:
        click.echo("No erasure stopped halfway.", err=True)


def _must_be_writable(target: Path) -> None:
    was_there = target.exists()
    with target.open("a"):
        pass
    if not was_there:
        target.unlink()


def _announce(slug: str, reference: str, waived: tuple[str, str, str] | None) -> None:
    from registry.commands import checked
    from registry.handover import leaving
    from registry.handover.schemas import DepartureIn

    given: dict[str, Any] = {"reference": reference}
    if waived:
        given |= dict(zip(leaving.WAIVER, waived, strict=True))
    leaving.announce(operator_actor(), slug, checked(DepartureIn(), given))
    still = leaving.standing(operator_actor(), slug)["open"]
    for text in still:
        click.echo(f"open: {text}")
    if not still:
        click.echo("On record, and nothing is open.")


def _carry_out(erasure: Any, target: Path | None) -> None:
    from registry.handover import erasing
    from registry.handover.certificate import as_text
    from registry.handover.models import Erasure

    erasing.resume(erasure)
    done = Erasure.get_by_id(erasure.id)
    click.echo(as_text(done))
    if target is not None:
        body = {"certificate": done.certificate, "signature": done.signature}
        with click.open_file(str(target), "w", encoding="utf-8") as file:
            import orjson

            file.write(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode() + "\n")
    sys.stdout.flush()
