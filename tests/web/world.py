"""A customer with a site, a contact, an account manager and one covered asset, and everybody who may look at it."""

from dataclasses import dataclass
from datetime import date

from registry.customers.places import create_contact, create_site
from registry.customers.service import assign_manager
from registry.warranty.service import start_warranty
from registry_sendbig.transfers import service as transfers
from tests.houses import House, People
from tests.optics.optic_world import WORN, bring, item

DELIVERED = date(2026, 1, 15)


@dataclass
class World:
    """`asset` is the id of acme's unit, `other` that of its neighbour's, `transfer` that of a draft of acme's, `optic`
    that of a module with two lanes."""

    house: House
    people: People
    asset: int
    other: int
    transfer: int
    optic: int

    @property
    def pages(self) -> list[str]:
        own = [f"/c/acme/{what}" for what in ("licences", "warranties", "contracts", "sites", "contacts")]
        lists = ["/c/acme/assets?arrange=true", f"/c/acme/assets?parent={self.asset}", "/c/acme/lists/assets/views"]
        lists += [f"/c/acme/assets/{self.asset}/labels"]
        lists += [f"/c/acme/x/sendbig/patches{what}" for what in ("", "/versions")]
        lists += ["/c/acme/optics", *(f"/c/acme/optics/{self.optic}{what}" for what in ("", "/readings"))]
        optics = [f"/c/acme/optics/{what}" for what in ("devices", "device?host=sw1", "uploads", "profiles")]
        return ["/c/acme", "/c/acme/assets", f"/c/acme/assets/{self.asset}", *own, *lists, *optics]

    @property
    def more_pages(self) -> list[str]:
        """Those that not everybody at the customer may see."""
        parts = ("edit", "status", "move", "assign", "dates", "files", "history", "remove", "warranties/new")
        unit = [f"/c/acme/assets/{self.asset}/{part}" for part in parts]
        own = ["/c/acme/people", "/c/acme/lists/assets/bulk?all=true", "/c/acme/assets/new", *unit]
        sent = [f"/c/acme/x/sendbig/{what}" for what in ("transfers", "transfers/new", "requests", "requests/new")]
        own += [*sent, f"/c/acme/x/sendbig/transfers/{self.transfer}", "/x/sendbig/transfers"]
        releases = ["/x/sendbig/releases", "/x/sendbig/releases/new", f"/c/acme/x/sendbig/patches/assets/{self.asset}"]
        labels = ["/c/acme/labels", f"/c/acme/labels/print?id={self.asset}", "/c/acme/labels/sheets/new?like=L7160"]
        labels += [f"/c/acme/optics/{self.optic}/{what}" for what in ("baseline", "proofs/new")]
        labels += [
            f"/c/acme/optics/{what}" for what in ("upload", "uploads/1", "uploads/2/attach?item=0", "profiles/new")
        ]
        return [*own, *labels, "/products", "/users", "/assets", *releases]


def build(house: House) -> World:
    system, people = house.system, house.people()
    create_site(system, {"customer": "acme", "name": "Main hall", "city": "Riga", "country": "LV"})
    create_contact(system, {"customer": "acme", "name": "Ilze Ozola", "email": "ilze@acme.example", "trained": True})
    assign_manager(system, "acme", people.account_manager.user.id)
    known = {"tag": "T-1", "name": "core", "site": "Main hall", "delivered_on": DELIVERED}
    asset = house.asset(serial="SN-77-ACME", product=house.product("Core switch").id, **known)
    start_warranty(system, {"asset": asset.id, "terms": "hardware"})
    other = house.asset("globex", "SN-88-GLOBEX").id
    draft = transfers.draft(system, asset.customer_id, {"title": "SN-77-ACME"})
    module = bring(house, item(lanes=2, **WORN))["items"][0]["id"]
    bring(house, item(serial="S-NEW", port="Et2"), register=False)
    return World(house, people, asset.id, other, draft.id, module)
