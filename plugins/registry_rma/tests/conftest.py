import pytest

from registry.testing import Installation, People
from registry_rma.tests.world import Desk


@pytest.fixture
def desk(installation: Installation, people: People) -> Desk:
    made = Desk(installation, people)
    made.price(currency=installation_currency(installation))
    return made


def installation_currency(installation: Installation) -> str:
    from registry.customers.service import customer_by

    return str(customer_by(installation.system, "acme").currency)
