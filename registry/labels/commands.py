"""assetcare labels print|batch."""

from pathlib import Path
from typing import Any

import click

from registry.cli import operator_actor, session


@click.group()
def labels() -> None:
    """Labels: QR codes that lead to units."""


def _looks(command: Any) -> Any:
    for option in (
        click.option("--sheet", default="L7160", show_default=True, help="L7160, L7163, L4731, 5160, 5267, tape-62."),
        click.option("--template", help="What stands on a label: full, unit, service, code."),
        click.option("--start", default=1, show_default=True, help="The first free label of the sheet."),
        click.option("--copies", default=1, show_default=True, help="Of each label."),
        click.option("--text", default="", help="A text for all of them."),
        click.option("--dpi", default=300, show_default=True, help="Of a label printer: 203, 300 or 600."),
        click.option("--out", "target", type=click.Path(dir_okay=False, path_type=Path), required=True,
                     help="FILE.pdf, .zpl, .png or .svg"),
    ):  # fmt: skip
        command = option(command)
    return command


def _form(target: Path) -> str:
    from registry.labels.printing import FORMS

    form = target.suffix.lstrip(".").lower()
    if form not in FORMS:
        raise click.UsageError(f"--out must end in .{', .'.join(FORMS)}")
    return form


def _printer() -> Any:
    from registry.labels.printing import Printer
    from registry.settings import Settings

    chosen = Settings.load()
    return Printer(chosen.address, chosen.operator, chosen.operator_phone)


@labels.command("print")
@click.option("--customer", "slug", required=True, help="Short name of the customer.")
@click.option("--site", help="Only the units at this site.")
@click.option("--batch", help="Labels in advance: the name of the batch.")
@_looks
def print_labels(slug: str, site: str | None, batch: str | None, target: Path, **looks: Any) -> None:
    """Write the labels of a customer's units to a file. Units without a code get one."""
    from registry.customers.places import site_by
    from registry.customers.service import customer_by
    from registry.labels import printing

    form = _form(target)
    with session():
        actor = operator_actor()
        customer = customer_by(actor, slug)
        wish = printing.wish_of(actor, customer.id, looks)
        if batch:
            data = printing.for_batch(actor, customer, batch, wish, _printer(), form)
        else:
            ids = (
                printing.units_at(actor, customer, site_by(actor, site, customer.id).id)
                if site
                else printing.units_of(actor, customer)
            )
            data = printing.for_units(actor, customer, printing.units(actor, customer, ids), wish, _printer(), form)
        target.write_bytes(data)
        click.echo(f"Written: {target} ({len(data)} bytes).", err=True)


@labels.command("batch")
@click.argument("count", type=int)
@click.option("--customer", "slug", help="For units of this customer; without it, of any.")
@_looks
def make_batch(count: int, slug: str | None, target: Path, **looks: Any) -> None:
    """Make COUNT codes in advance and write their labels to a file."""
    from registry.customers.service import customer_by
    from registry.labels import printing, service

    form = _form(target)
    with session():
        actor = operator_actor()
        customer = customer_by(actor, slug) if slug else None
        wish = printing.wish_of(actor, customer.id if customer else None, looks)
        name = service.make_batch(actor, customer, count)
        target.write_bytes(printing.for_batch(actor, customer, name, wish, _printer(), form))
        click.echo(name)
