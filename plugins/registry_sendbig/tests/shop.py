"""Products, units under contract, and what is released for them: for tests on either engine."""

import io
from datetime import timedelta
from typing import Any

from registry.assets.service import register_asset
from registry.contracts import lines
from registry.contracts.service import create_contract
from registry.customers.service import customer_by
from registry.kernel import clock
from registry.kernel.access import Actor, visible
from registry.licences.service import create_licence
from registry.products.service import create_product
from registry.sdk import files
from registry_sendbig.models import Blob, File, Release
from registry_sendbig.releases import installed
from registry_sendbig.releases import service as releases

PATCH, NOTES = b"the patch itself" * 64, b"how to install it"


class Shop:
    """`product`: what is released for, a switch of the house's catalogue unless one is given."""

    def __init__(self, system: Actor, product: Any = None) -> None:
        self.system, self._made = system, 0
        self.product = product or self.a_product("Switch 48")

    def a_product(self, name: str, kind: str = "hardware") -> Any:
        return create_product(self.system, {"name": name, "kind": kind, "part_number": f"PN {name}"}, None)

    def id_of(self, slug: str) -> int:
        return int(customer_by(self.system, slug).id)

    def unit(self, slug: str = "acme", version: str = "", product: Any = None, **more: Any) -> Any:
        self._made += 1
        serial = f"SN-{slug}-{self.product.id}-{self._made}"
        values = {"serial": serial, "product": (product or self.product).id, **more}
        made = register_asset(self.system, {"customer": slug, **values})
        if version:
            installed.record(self.system, installed.asset_unit(self.system, made.id), version, source="test")
        return made

    def licence(self, slug: str = "acme", version: str = "", product: Any = None) -> Any:
        self._made += 1
        values = {"customer": slug, "product": product.id, "name": f"Licence {self._made}", "metric": "device"}
        made = create_licence(self.system, values)
        if version:
            installed.record(self.system, installed.licence_unit(self.system, made.id), version)
        return made

    def contract(self, slug: str = "acme", *, days: tuple[int, int] = (-30, 300), **covers: Any) -> Any:
        """In force from so many days ago; covers everything unless it says otherwise."""
        self._made += 1
        today = clock.today()
        first, last = (today + timedelta(days=one) for one in days)
        values = {
            "customer": slug,
            "number": f"C-{self.product.id}-{self._made}",
            "title": "Care",
            "starts_on": first,
            "ends_on": last,
        }
        made = create_contract(self.system, values)
        lines.add_line(self.system, made.id, covers or {"everything": True})
        return made

    def draft(self, version: str = "1.10", who: Actor | None = None, **more: Any) -> Release:
        values = {"product": self.product.id, "title": "Fix", "version_name": version, "problem": "Ports flap", **more}
        return releases.create_release(who or self.system, values)

    def file(self, release: Release, name: str, text: bytes, kind: str = "patch", audience: str = "contract") -> File:
        """Kept and verified, as the upload would leave it."""
        import hashlib

        key = files.new_key(None)
        files.store().put(key, io.BytesIO(text))
        sha256 = hashlib.sha256(text).hexdigest()
        blob = Blob.create(sha256=sha256, size=len(text), key=key, scan="clean")
        made = File.create(release=release.id, name=name, size=len(text), state="kept", blob=blob)
        if (kind, audience) != (made.kind, made.audience):
            made = releases.change_file(self.system, made.id, {"kind": kind, "audience": audience}, made.version)
        return made

    def release(
        self, version: str = "1.10", *, notes: str = "contract", who: Actor | None = None, **more: Any
    ) -> Release:
        """Published, with the patch and a document that is for `notes` (contract, all)."""
        made = self.draft(version, **more)
        self.file(made, "fix.bin", PATCH)
        self.file(made, "notes.txt", NOTES, "document", notes)
        return releases.publish(who or self.system, made.id, made.version)

    def file_named(self, release: Release, name: str) -> int:
        row = visible(File, self.system).where((File.release == release.id) & (File.name == name)).get()
        return int(row.id)

    def fresh(self, row: Any) -> Any:
        return visible(type(row), self.system).where(type(row).id == row.id).first()
