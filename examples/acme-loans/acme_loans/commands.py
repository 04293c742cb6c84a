"""assetcare acme_loans ..."""

import click

from registry.sdk import command_actor, customer_by

from acme_loans import service


@click.command("list")
@click.option("--customer", required=True, help="Short name of the customer.")
def list_reminders(customer):
    """Reminders that are still to be done."""
    actor = command_actor()
    for one in service.open_ones(actor, customer_by(actor, customer).id):
        click.echo(f"{one.due_on}  {one.text}")
