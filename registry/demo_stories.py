"""Units of the demo installation that have a past: extended, void, replaced, still waiting, and some with labels."""

from datetime import date, timedelta
from typing import Any

from registry.assets.listing import ASSETS
from registry.assets.service import change_asset, get_asset, register_asset
from registry.customers.service import customer_by
from registry.kernel import clock
from registry.kernel.access import Actor
from registry.kernel.writing import ANY_VERSION
from registry.labels.service import codes_for, make_batch
from registry.labels.sheets import SHEETS
from registry.warranty.listing import WARRANTIES
from registry.warranty.periods import Period
from registry.warranty.service import extend_warranty, start_warranty, transfer_warranty, void_warranty


def ago(days: int) -> date:
    return clock.today() - timedelta(days=days)


class Stories:
    """A few units with a past, told by an engineer and who leads him."""

    def __init__(self, actor: Actor, lead: Actor) -> None:
        self.actor, self.lead = actor, lead

    def tell(self) -> None:
        self._extended()
        self._void()
        self._replaced()
        self._waiting()
        self._labelled()

    def _extended(self) -> None:
        warranty = self._warranty("harbourline", "ups-ty-01")
        extend_warranty(
            self.actor, warranty["id"], by=Period.parse("P2Y"), remedies=None,
            reason="Bought with the maintenance of the plant room", version=ANY_VERSION,
        )  # fmt: skip

    def _void(self) -> None:
        warranty = self._warranty("elbtal", "mes-06")
        reason = "opened by a third party, seal broken"
        void_warranty(self.actor, warranty["id"], on=ago(18), reason=reason, version=ANY_VERSION)

    def _replaced(self) -> None:
        """A module failed; another one took its slot and the rest of its term."""
        switch = self._asset("harbourline", "agg-kc-01")
        old = self._inside(switch["id"], "Eth1/2")
        change_asset(
            self.actor, old["id"],
            {"parent": None, "slot": None, "status": "at_supplier", "notes": "Receive power fell below its limit."},
            ANY_VERSION,
        )  # fmt: skip
        place = {"parent": switch["id"], "slot": "Eth1/2", "status": "in_use", "delivered_on": ago(40)}
        named = {"customer": "harbourline", "product": "LM-10G-LR", "serial": "LMR7700412", "tag": "HLT-0900"}
        new = register_asset(self.actor, {**named, **place})
        (warranty,) = self._warranties(old["id"])
        reason = "receive power below its limit"
        transfer_warranty(self.actor, warranty["id"], asset=new.id, on=ago(40), reason=reason, version=ANY_VERSION)

    def _waiting(self) -> None:
        """Delivered but not accepted yet: its warranty starts with the acceptance."""
        place = {"site": "Denver hospital", "place": "MDF, rack 4", "name": "pacs-db-next", "status": "planned"}
        unit = register_asset(
            self.actor,
            {"customer": "mesa-clinics", "product": "HR-880", "serial": "HDB9920117", "delivered_on": ago(9), **place},
        )
        start_warranty(self.actor, {"asset": unit.id, "terms": "hardware", "basis": "acceptance"})

    def _labelled(self) -> None:
        """A sheet that was printed and stuck on, and one that was printed in advance and waits for units."""
        sheet = SHEETS["L7163"].count
        found = ASSETS.page(self.actor, {"customer": "harbourline", "kind": "hardware", "sort": "id", "limit": sheet})
        codes_for(self.actor, [get_asset(self.actor, row["id"]) for row in found["items"]])
        make_batch(self.lead, customer_by(self.actor, "mesa-clinics"), sheet)

    def _asset(self, slug: str, name: str) -> dict[str, Any]:
        found = ASSETS.page(self.actor, {"customer": slug, "q": name})["items"]
        return next(row for row in found if row["name"] == name)

    def _inside(self, parent: int, slot: str) -> dict[str, Any]:
        return next(row for row in ASSETS.page(self.actor, {"parent": parent})["items"] if row["slot"] == slot)

    def _warranties(self, asset_id: int) -> list[dict[str, Any]]:
        return WARRANTIES.page(self.actor, {"asset": asset_id})["items"]  # type: ignore[no-any-return]

    def _warranty(self, slug: str, name: str) -> dict[str, Any]:
        return self._warranties(self._asset(slug, name)["id"])[0]
