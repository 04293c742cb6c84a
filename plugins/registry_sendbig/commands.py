"""assetcare sendbig check, collect and move."""

import json
from dataclasses import asdict
from typing import Any

import click

from registry.sdk import Problem, command_actor, files
from registry_sendbig.uploads import checking, quotas, tidying


@click.command("check")
@click.option("--repair", is_flag=True, help="Put right what was found: mark lost files, delete what nobody names.")
@click.option("--deep", is_flag=True, help="Read every file and compare its SHA-256.")
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
@click.pass_context
def check(ctx: click.Context, repair: bool, deep: bool, as_json: bool) -> None:
    """Look whether rows and bytes agree. Ends with 1 when something is amiss and was not repaired."""
    command_actor().must("sendbig.manage")
    told: list[dict[str, Any]] = []
    with click.progressbar(length=checking.number_of_blobs(), label="Files", hidden=as_json or not deep) as bar:
        for one in checking.findings(deep=deep, on_file=lambda _blob: bar.update(1)):
            repaired = repair and one.repair is not None
            if repaired and one.repair is not None:
                one.repair()
            told.append({"kind": one.kind, "what": one.what, "text": one.text, "repaired": repaired})
    click.echo(json.dumps({"findings": told}, indent=2) if as_json else _listed(told))
    ctx.exit(1 if any(not one["repaired"] for one in told) else 0)


def _listed(told: list[dict[str, Any]]) -> str:
    lines = [f"{one['kind']:9} {one['what']}: {one['text']}{' Repaired.' if one['repaired'] else ''}" for one in told]
    return "\n".join([*lines, f"{len(told)} findings."]) if told else "Rows and bytes agree."


@click.command("collect")
@click.option("--json", "as_json", is_flag=True, help="The numbers as JSON.")
def collect(as_json: bool) -> None:
    """Throw away expired uploads and files that nobody needs any more, as the worker does every quarter of an hour."""
    command_actor().must("sendbig.manage")
    done = tidying.collect()
    if as_json:
        click.echo(json.dumps(done._asdict()))
        return
    click.echo(
        f"Expired uploads: {done.expired}; files: {done.blobs} ({quotas.amount(done.bytes)}); uploads that only the "
        f"store knew: {done.strangers}; taken up again: {done.finished + done.checked}."
    )


@click.command("move")
@click.option("--to", "url", required=True, help="file:///PATH or s3://BUCKET?endpoint=URL, as in ASSETCARE_STORAGE.")
@click.option("--wait", default=0, show_default=True, help="Seconds to wait for uploads that are still in progress.")
@click.option("--drop-unfinished", is_flag=True, help="End those instead: their senders begin anew.")
@click.option("--json", "as_json", is_flag=True, help="How far it is, as JSON.")
@click.pass_context
def move(ctx: click.Context, url: str, wait: int, drop_unfinished: bool, as_json: bool) -> None:
    """Move all files of this installation to another store while it serves. Can be broken off, and gone on with by the
    same command. Ends with 1 while uploads still come in at the old place."""
    command_actor().must("sendbig.manage")
    try:
        moved = files.move_store(url, _told if not as_json else _silent, wait=wait, drop_unfinished=drop_unfinished)
    except Problem as error:
        raise click.ClickException(_sentence(error)) from error
    if as_json:
        click.echo(json.dumps(asdict(moved)))
    elif moved.done:
        click.echo(f"All files are there. Set ASSETCARE_STORAGE={url} and restart; until then they are found, too.")
    else:
        click.echo(f"Uploads still in progress at the old place: {moved.waiting}. Run this again, or with --wait.")
    ctx.exit(0 if moved.done else 1)


def _told(moved: files.Moved) -> None:
    click.echo(f"{moved.files} files, {quotas.amount(moved.bytes)}; left: {moved.left}", err=True)


def _silent(_moved: files.Moved) -> None:
    pass


def _sentence(error: Problem) -> str:
    return " ".join([error.message, *(text for texts in error.errors.values() for text in texts)])
