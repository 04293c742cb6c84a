"""Commands about mail: what waits, what was given up, and whether it can be sent at all."""

import smtplib
import sys

import click

from registry.cli import operator_actor, session, show


@click.group()
def mail() -> None:
    """Mail: the queue, and whether it can be sent."""


@mail.command("list")
@click.option("--state", type=click.Choice(["queued", "sent", "parked"]), help="Default: what is not sent yet.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def mail_list(state: str | None, limit: int, as_json: bool) -> None:
    """Mails that wait (queued) or were given up (parked), with the last error."""
    from registry.notices.texts import waiting

    with session():
        found = [
            {"id": row.id, "state": row.state, "name": row.name, "to": row.to, "tries": row.tries,
             "next_at": row.next_at if row.state == "queued" else None, "error": row.error}
            for row in waiting(state, limit)
        ]  # fmt: skip
        if as_json:
            show(found)
            return
        for row in found:
            click.echo(f"{row['id']:>8} {row['state']:<7} {row['name']} to {row['to']}, {row['tries']} tries")
            if row["error"]:
                click.echo(f"         {row['error']}")
        click.echo(f"{len(found)} mails.", err=True)


@mail.command("retry")
@click.argument("ids", nargs=-1, type=click.IntRange(1, 2**63 - 1))
@click.option("--all", "everything", is_flag=True, help="Every parked mail.")
def mail_retry(ids: tuple[int, ...], everything: bool) -> None:
    """Put parked mails back into the queue."""
    from registry.notices.texts import retry_parked

    if bool(ids) == everything:
        raise click.UsageError("Name mails by their ids, or give --all.")
    with session():
        done = retry_parked(operator_actor(), None if everything else ids)
        click.echo(f"{done} mails put back into the queue.")
        sys.exit(0 if done or everything else 1)


@mail.command("test")
@click.argument("to")
@click.option("--language", default="en", show_default=True)
def mail_test(to: str, language: str) -> None:
    """Send a mail to the address TO at once, and say what became of it."""
    from registry.kernel.mail_transport import Refused
    from registry.notices.texts import send_test

    with session() as chosen:
        try:
            known = send_test(to, language)
            click.echo(f"Sent: {known}" if chosen.smtp else f"Written to {chosen.data / 'mail'}: {known}")
        except (Refused, OSError, smtplib.SMTPException) as error:
            click.echo(f"Error: {error or repr(error)}", err=True)
            sys.exit(1)
