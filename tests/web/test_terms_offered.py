"""What drop-downs of warranty terms offer."""

import pytest

from registry.customers.service import customer_by
from registry.kernel.access import visible
from registry.warranty.models import Terms
from registry.web import terms_offered
from tests.houses import House


def test_terms_of_others_take_nobody_s_place(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = house.people().admin.actor
    acme, globex = customer_by(admin, "acme"), customer_by(admin, "globex")
    shared = visible(Terms, admin).count()
    monkeypatch.setattr(terms_offered, "MOST", shared + 1)
    for owner, code in ((globex, "g-1"), (globex, "g-2"), (acme, "a-1")):
        Terms.create(customer_id=owner.id, code=code, name=code.upper())
    offered = [code for code, _ in terms_offered.terms_for(admin, acme)]
    assert len(offered) == shared + 1 and "a-1" in offered and "g-1" not in offered
