"""Facts about this installation that its database keeps, so that every host of it agrees."""

from peewee import CharField, TextField

from registry.kernel.db import Row, transaction
from registry.kernel.errors import Problem
from registry.kernel.secrets import derive


class Fact(Row):
    name = CharField(max_length=64, unique=True)
    value = TextField()

    class Meta:
        table_name = "installation"


def fingerprint(secret: str) -> str:
    """Tells two secrets apart and tells nothing else of them."""
    return derive(secret, "fingerprint").hex()[:32]


def same_secret(secret: str) -> None:
    """Note which secret belongs to this database. Raises Problem when it is another one.

    Each host would else read what the others have sealed as damaged, and refuse what they have signed.
    """
    if known_secret() == fingerprint(secret):
        return
    with transaction():
        Fact.insert(name="secret", value=fingerprint(secret)).on_conflict_ignore().execute()
    if known_secret() != fingerprint(secret):
        raise Problem(
            "This database belongs to another installation secret. Give every host the same ASSETCARE_SECRET (without "
            "it, each makes one of its own in its data folder). The old one is lost for good? assetcare secret accept",
            code="other_secret",
        )


def known_secret() -> str | None:
    """The fingerprint that the database knows, or None."""
    found = Fact.get_or_none(Fact.name == "secret")
    return found.value if found else None


def accept_secret(secret: str) -> None:
    """From now on this secret belongs to the database. What the old one sealed stays unreadable."""
    with transaction():
        Fact.delete().where(Fact.name == "secret").execute()
        Fact.insert(name="secret", value=fingerprint(secret)).execute()
