"""What a new installation holds before anybody has typed anything: statuses, policies, warranty terms."""

from registry.assets.models import AssetStatus
from registry.assets.statuses import install_statuses
from registry.customers.policies import install_policies
from registry.kernel import wall
from registry.kernel.db import transaction
from registry.warranty.terms_service import install_templates


def install_defaults() -> None:
    """Put the shipped rows where they are missing; never change what the operator has made of them."""
    with wall.everywhere(), transaction():
        install_statuses()
        install_policies()
        install_templates()


def installed() -> bool:
    """Whether the shipped rows are there: all at once, but after the migration: a crash may part the two."""
    return bool(AssetStatus.select().exists())
