"""Two companies that own one of everything, and a fingerprint of what one of them has: for the walk in test_tenancy.py.

Every text of acme's carries CANARY, so that one look at an answer shows whether it sang.
"""

import hashlib
import io
import shutil
from collections.abc import Iterator
from copy import copy
from datetime import date
from pathlib import Path
from typing import Any

from registry.customers.service import customer_by
from registry.handover.certificate import sealed
from registry.handover.models import Erasure
from registry.kernel import clock, db, schema
from registry.kernel.secrets import vault
from registry.labels.models import LabelCode, LabelSheet
from registry.notices.models import Notice, NoticeRun
from registry.notices.webhook_models import Webhook, WebhookDelivery
from registry.optics.models import OpticImage
from registry.people.models import Token
from registry.people.service import deactivate_user
from registry.sdk import ANY_VERSION, files, keep_file
from registry_rma.custody import Photo
from registry_rma.models import Record
from registry_rma.moving import move
from registry_sendbig.models import Blob, Grant, Receipt, Release
from registry_sendbig.models import File as SentFile
from registry_sendbig.releases.versions import key
from tests.houses import House, Person, opened

CANARY = "CANARY"
HOUSE_WEBHOOK = 1000  # the id of the one that is nobody's but the house's, and of what it was sent
Ids = dict[str, Any]


class Companies:
    """`acme` and `globex` map a word (asset, site, contract ...) to an id; `people` are as in tests/houses.py."""

    def __init__(self, house: House) -> None:
        self.house, self.people = house, house.people()
        self.shared = house.product("Common switch", part_number="COMMON").id
        self.shared_optic = house.product("Common optic", "optic", part_number="OPTIC").id
        self.deactivated = house.person("dave@acme.example", "manager", "acme")
        self.acme = self._stock("acme", CANARY, self.people.owner)
        self.globex = self._stock("globex", "GLOBEX", self.people.stranger)
        self._erasure()
        self._house_webhook()
        self._house_labels()
        self._release()
        deactivate_user(house.system, self.deactivated.user.id)
        Token.update(revoked_at=None).where(Token.user == self.deactivated.user).execute()

    def moved_to(self, house: House) -> "Companies":
        """The same companies in a copy of the installation."""
        moved = copy(self)
        moved.house, moved.people = house, copy(self.people)
        for name, person in vars(self.people).items():
            there = copy(person)
            there.house = house
            setattr(moved.people, name, there)
        return moved

    def living_in(self, folder: Path) -> Iterator["Companies"]:
        """A copy of them and of all that they have, in a folder of its own."""
        shutil.copytree(self.house.settings.data, folder)
        for house in opened(House(folder, f"sqlite:///{folder / 'assetcare.db'}")):
            yield self.moved_to(house)

    def _post(self, person: Person, path: str, body: Any, **more: Any) -> Any:
        answer = person.post(f"/api/v1/{path}", body, **more)
        assert answer.status_code in (200, 201), f"{path}: {answer.text}"
        return answer.json["id"]

    def _stock(self, slug: str, mark: str, manager: Person) -> Ids:
        admin, post = self.people.admin, self._post
        mine = {"customer": slug}
        made: Ids = {"slug": slug, "customer": customer_by(self.house.system, slug).id, "user": manager.user.id}
        made["token"] = Token.get(Token.user == manager.user).id
        machine = {**mine, "kind": "machine", "email": f"robot@{slug}.example", "name": mark, "role": "reader"}
        made["machine"] = post(manager, "users", machine)
        made["machine_token"] = post(manager, f"users/{made['machine']}/tokens", {"name": mark})
        made["policy"], made["status"] = "optical-module", "in_use"
        admin.patch(f"/api/v1/customers/{slug}", {"name": f"{mark} Ltd", "notes": f"{mark} notes"})
        admin.put(f"/api/v1/customers/{slug}/account-manager", {"user": self.people.account_manager.user.id})
        made["site"] = post(manager, "sites", {**mine, "name": f"{mark} site", "city": f"{mark} city"})
        contact = {**mine, "name": f"{mark} Ann", "email": f"{mark}@example.com", "site": made["site"], "notes": mark}
        made["contact"] = post(manager, "contacts", contact)
        product = {**mine, "kind": "software", "name": f"{mark} tool", "part_number": f"{mark}-PN", "maker": mark}
        made["product"] = post(manager, "products", product)
        document = {"kind": "guide", "title": f"{mark} guide", "url": f"https://{mark}.example/guide"}
        made["document"] = post(manager, f"products/{made['product']}/documents", document)
        made["field"] = post(admin, "asset-fields", {**mine, "name": "rack", "title": f"{mark} rack", "type": "text"})
        asset = {
            **mine, "product": self.shared, "serial": f"{mark}-SN", "tag": f"{mark}-TAG", "name": f"{mark} switch",
            "site": made["site"], "holder": made["contact"], "delivered_on": "2026-01-01", "notes": mark,
            "custom": {"rack": f"{mark} 7"}, "supplier": mark, "order_number": mark,
        }  # fmt: skip
        made["asset"] = post(manager, "assets", asset)
        optic = {**mine, "product": self.shared_optic, "serial": f"{mark}-OPT", "parent": made["asset"], "slot": mark}
        made["optic"] = post(manager, "assets", optic)
        form = {"kind": "photo", "file": a_file(mark)}
        made["file"] = manager.request("POST", f"/api/v1/assets/{made['asset']}/files", data=form).json["id"]
        licence = {**mine, "product": made["product"], "name": f"{mark} licence", "metric": "install", "quantity": 3,
                   "key": f"{mark}-KEY-0001", "notes": mark, "launched_on": "2026-01-01"}  # fmt: skip
        made["licence"] = post(manager, "licences", licence)
        made["assignment"] = post(manager, f"licences/{made['licence']}/assignments", {"asset": made["asset"]})
        terms = {**mine, "code": f"{slug}-terms", "name": f"{mark} terms", "copy_of": "hardware", "note": mark}
        made["terms"] = post(admin, "warranty-terms", terms)
        given = {"asset": made["asset"], "terms": made["terms"], "starts_on": "2026-01-01", "note": mark}
        made["warranty"] = post(admin, "warranties", given)
        post(admin, "warranties", {"licence": made["licence"], "terms": made["terms"], "starts_on": "2026-01-01"})
        function = {"licence": made["licence"], "name": f"{mark} function", "agreed_on": "2026-01-01",
                    "customer_party": mark, "our_party": "we"}  # fmt: skip
        post(admin, "agreed-functions", function)
        contract = {**mine, "number": f"{mark}-C1", "title": f"{mark} care", "starts_on": "2026-01-01",
                    "ends_on": "2026-12-31", "renewal": "tacit", "renewal_period": "P1Y", "notes": mark}  # fmt: skip
        made["contract"] = post(admin, "contracts", contract)
        under = f"contracts/{made['contract']}"
        made["line"] = post(admin, f"{under}/lines", {"asset": made["asset"], "terms": made["terms"], "note": mark})
        post(admin, f"{under}/lines", {"licence": made["licence"]})
        made["duty"] = post(
            admin, f"{under}/duties", {"kind": "patrol", "title": f"{mark} visit", "due_on": "2026-03-01"}
        )
        post(admin, f"{under}/duties/{made['duty']}/done", {"done_on": "2026-03-01", "done_by": mark, "note": mark})
        self._hand_over(made, slug, mark, manager)
        self._label(made, slug, mark, manager)
        mapping = {**mine, "kind": "sites", "name": f"{mark} mapping", "columns": {f"{mark} head": "name"}}
        made["mapping"] = post(manager, "import-mappings", mapping)
        view = {**mine, "list": "assets", "name": f"{mark} view", "shared": True, "query": {"q": mark}}
        made["view"] = post(manager, "views", view)
        made["saved"] = post(manager, "views", {**view, "name": f"{mark} saved view"})
        webhook = {**mine, "name": f"{mark} webhook", "url": f"https://1.1.1.1/{mark}", "events": ["asset.created"]}
        made["webhook"] = post(manager, "webhooks", webhook)
        made["delivery"] = manager.post(f"/api/v1/webhooks/{made['webhook']}/ping").json["id"]
        self._announce(made, slug, manager)
        form = upload(slug, f"name\n{mark} imported\n{mark} imported\n", filename=f"{mark}.csv", dry_run="true")
        made["session"] = manager.request("POST", "/api/v1/imports", data=form).json["id"]
        self._claim(made, mark, manager)
        self._send(made, mark, manager)
        self._measure(made, mark, manager)
        return made

    def _measure(self, made: Ids, mark: str, manager: Person) -> None:
        """A module with a reading, its memory, a place, a baseline and a proof; and a profile for its part number."""
        nameless = {"port": f"{mark} 2", "readings": {"temperature_c": 30.0}}  # waits until somebody says what it is
        items = [a_reading(mark), nameless]
        given = {"customer": made["slug"], "register": True, "host": f"sw-{mark.lower()}", "items": items, "name": mark}
        done = manager.post("/api/v1/optics/readings", given).json
        made["module"], made["optic_batch"] = done["items"][0]["id"], done["batch"]
        path = f"optics/{made['module']}"
        proof = {"kind": "loopback", "module_failed": True, "note": mark}
        made["optic_proof"] = self._post(manager, f"{path}/proofs", proof)
        assert manager.put(f"/api/v1/{path}/baseline", {}).status_code == 200
        profile = {"customer": made["slug"], "part_number": mark, "needed": 4, "notes": mark, "vendor": mark}
        made["optic_profile"] = self._post(manager, "optic-profiles", profile)
        image = {"customer_id": made["customer"], "optic": made["module"], "digest": mark, "data": "AAAA", "size": 3}
        now = clock.now()
        made["optic_image"] = OpticImage.create(**image, first_at=now, at=now, source="api", name=mark).id

    def _send(self, made: Ids, mark: str, manager: Person) -> None:
        """A transfer that has been sent, to somebody, with a picture; and a file request."""
        mine = {"customer": made["slug"], "title": f"{mark} image", "message": mark}
        given = {**mine, "recipients": [{"email": f"{mark.lower()}@third.example"}]}
        made["transfer"] = self._post(manager, "x/sendbig/transfers", given)
        key, sha256, size = keep_file(made["customer"], io.BytesIO(f"\x89PNG {mark}".encode()))
        owner = {"customer_id": made["customer"]}
        blob = Blob.create(**owner, key=key, sha256=sha256, size=size, media_type="image/png")
        file = {"transfer": made["transfer"], "name": f"{mark}.png", "size": size, "state": "kept", "blob": blob}
        made["sendbig_file"] = SentFile.create(**owner, **file).id
        path = f"/api/v1/x/sendbig/transfers/{made['transfer']}"
        made["recipient"] = manager.get(path).json["recipients"][0]["id"]
        sent = manager.request("POST", f"{path}/sending", headers={"If-Match": "*"})
        assert sent.status_code == 200, sent.text
        made["file_request"] = self._post(manager, "x/sendbig/file-requests", mine)

    def _release(self) -> None:
        """A patch for the switch that both have under contract, with an approval and a receipt each."""
        place = files.new_key(None)
        files.store().put(place, io.BytesIO(b"patch"))
        blob = Blob.create(sha256=hashlib.sha256(b"patch").hexdigest(), size=5, key=place)
        Release.create(
            id=HOUSE_WEBHOOK, product_id=self.shared, title="Fix", version_name="1.2", below_rank=key("1.2"),
            state="published", published_at=clock.now(),
        )  # fmt: skip
        SentFile.create(id=HOUSE_WEBHOOK, release=HOUSE_WEBHOOK, name="fix.bin", size=5, state="kept", blob=blob)
        for ids, mark in ((self.acme, CANARY), (self.globex, "GLOBEX")):
            mine = {"customer_id": ids["customer"], "release": HOUSE_WEBHOOK, "user_id": ids["user"]}
            made = Grant.create(**mine, email=f"{mark}@example.com", reason=mark, approved_by=mark)
            ids["release_grant"] = made.id
            Receipt.create(**mine, unit_label=mark, version_name="0.1", who=mark)
            known = {"customer": ids["slug"], "licence": ids["licence"], "version": f"1.{mark}"}
            assert self.people.admin.put("/api/v1/x/sendbig/versions", known).status_code == 200

    def _claim(self, made: Ids, mark: str, manager: Person) -> None:
        """A unit in a case of the RMA desk, with a photo, a quote, a record and something lent."""
        admin, lines = self.people.admin, "x/rma/lines"
        said = {"asset": made["asset"], "fault": f"{mark} fault"}
        made["rma_case"] = self._post(manager, "x/rma/cases", {"lines": [said], "note": mark})
        made["rma_line"] = manager.get(f"/api/v1/x/rma/cases/{made['rma_case']}").json["lines"][0]["id"]
        key, sha256, _size = keep_file(made["customer"], io.BytesIO(f"RIFF {mark}".encode()))
        move(admin.actor, made["rma_line"], "triage", {}, version=ANY_VERSION, photo=Photo(key, sha256))
        quote = {"items": [{"text": mark, "unit_minor": 100}], "deviation": mark}
        made["rma_quote"] = self._post(admin, f"{lines}/{made['rma_line']}/quotes", quote)
        lent = {"kind": "loaner", "serial": f"{mark}-LENT", "note": mark}
        made["rma_track"] = self._post(admin, f"{lines}/{made['rma_line']}/tracks", lent)
        price = {"customer": made["slug"], "code": mark, "title": mark, "amount_minor": 100, "currency": "USD"}
        self._post(admin, "x/rma/prices", price)
        now = clock.now()
        Record.create(
            customer_id=made["customer"], line=made["rma_line"], asset_id=made["asset"], serial=mark, fault=mark,
            cause="wear", action=mark, started_at=now, finished_at=now, staff=mark,
        )  # fmt: skip

    def _label(self, made: Ids, slug: str, mark: str, manager: Person) -> None:
        """A unit that had two labels, a free label, a barcode, a sheet; and the code was scanned."""
        first = self._post(manager, "label-codes", {"asset": made["asset"]})
        made["label"] = self._post(manager, f"label-codes/{first}/reissue", None)
        torn = self._post(manager, "label-codes", {"asset": made["optic"]})
        self._post(manager, f"label-codes/{torn}/revoke", {"reason": f"{mark} torn off"})
        batch = manager.post("/api/v1/label-batches", {"customer": slug, "count": 2}).json["batch"]
        free = manager.get(f"/api/v1/label-codes?batch={batch}").json["items"]
        made["free_label"] = free[0]["code"]
        made["barcode"] = self._post(manager, "asset-barcodes", {"asset": made["asset"], "text": f"{mark}-BAR"})
        measures = {"page_wide": 100, "page_high": 50, "wide": 50, "high": 40}
        made["sheet"] = self._post(manager, "label-sheets", {"customer": slug, "name": f"{mark} sheet", **measures})
        manager.get(f"/L/{manager.get(f'/api/v1/label-codes/{first}').json['code']}")

    def _house_labels(self) -> None:
        batch = self.people.admin.post("/api/v1/label-batches", {"count": 3}).json["batch"]
        LabelCode.update(batch="of-the-house").where(LabelCode.batch == batch).execute()
        measures = {"page_wide": 10000, "page_high": 5000, "wide": 5000, "high": 4000, "pitch_x": 5000, "pitch_y": 4000}
        LabelSheet.insert(id=HOUSE_WEBHOOK, name="of the house", **measures).execute()

    def _announce(self, made: Ids, slug: str, manager: Person) -> None:
        plan = {"users": [made["user"]], "kinds": ["licence"]}
        manager.put(f"/api/v1/customers/{slug}/notice-plan", plan, headers={"If-Match": "*"})
        day = {"customer_id": made["customer"], "on": date(2026, 6, 1)}
        run = NoticeRun.create(**day, counts={"licence": 1}, mailed_at=clock.now())
        told = {"topic": "licence", "subject_id": made["licence"], "ends_on": date(2026, 6, 8), "step": 7}
        Notice.create(customer_id=made["customer"], run=run, **told)

    def _erasure(self) -> None:
        """Of somebody who was here before all this."""
        known = {"chain": {"length": 0, "head": ""}, "settled": {}, "scrub": True, "copies": 0, "house_entries": 0}
        gone = Erasure.create(
            number="E-1", former_id=10**6, salt="", mark="", requested_by="x", conditions=known, state="done"
        )
        text, signature = sealed(gone)
        Erasure.update(certificate=text, signature=signature).where(Erasure.id == gone.id).execute()

    def _house_webhook(self) -> None:
        address = {"name": "ours", "url": "https://1.1.1.1/", "events": ["asset.*"], "secret": vault().seal("x")}
        Webhook.insert(id=HOUSE_WEBHOOK, **address).execute()
        sent = {"uid": "house", "event": "asset.created", "body": "{}", "state": "done"}
        WebhookDelivery.insert(id=HOUSE_WEBHOOK, webhook=HOUSE_WEBHOOK, **sent).execute()

    def _hand_over(self, made: Ids, slug: str, mark: str, manager: Person) -> None:
        admin, post, mine = self.people.admin, self._post, {"customer": slug}
        approval = {**mine, "recipient": f"{mark} auditors", "purpose": mark, "scope": ["assets"]}
        made["approval"] = post(manager, "disclosure-approvals", approval)
        made["task"] = post(admin, "custody-tasks", {**mine, "title": f"{mark} task", "reference": mark, "note": mark})
        item = {
            "what": f"{mark} disk",
            "kind": "media",
            "taken_from": f"{mark} Ann",
            "note": mark,
            "site": made["site"],
        }
        made["item"] = post(admin, f"custody-tasks/{made['task']}/items", item)
        made["package"] = post(manager, f"customers/{slug}/packages", {})
        admin.put(f"/api/v1/customers/{slug}/departure", {"reference": f"{mark} letter"})


def upload(slug: str, text: str, kind: str = "sites", filename: str = "file.csv", **more: str) -> dict[str, Any]:
    """A form with a file, for POST /imports."""
    return {"kind": kind, "customer": slug, "file": (io.BytesIO(text.encode()), filename), **more}


def a_file(mark: str = "new") -> tuple[io.BytesIO, str]:
    return io.BytesIO(f"{mark} paper".encode()), f"{mark}.txt"


SEEN = {
    "last_used_at",
    "last_used_address",
    "seen_at",
    "verified_seq",
    "verified_hash",
    "verified_at",
}  # kept when somebody looks


def _whose(columns: Any) -> str:
    """The condition that finds the customer's rows, and what belongs to his people: sessions, tokens, keys, links."""
    if "customer_id" in columns:
        return "customer_id = ?"
    return "user_id IN (SELECT user_id FROM membership WHERE customer_id = ?)" if "user_id" in columns else ""


def fingerprint(customer_id: int) -> str:
    """A hash over every row of the database that belongs to the customer, and over his people."""
    found = hashlib.sha256()
    for model in schema.models():
        columns = ", ".join(f'"{column}"' for column in model._meta.columns if column not in SEEN)
        table = model._meta.table_name
        where = {
            "customer": "id = ?",
            "app_user": "id IN (SELECT user_id FROM membership WHERE customer_id = ?)",
        }.get(table, _whose(model._meta.columns))
        if where:
            rows = db.run_sql(f"SELECT {columns} FROM {table} WHERE {where} ORDER BY id", (customer_id,)).fetchall()
            found.update(repr((table, [tuple(row) for row in rows])).encode())
    return found.hexdigest()


def a_reading(mark: str) -> dict[str, Any]:
    """Of one module, as the API takes it."""
    lane = {"lane": 1, "tx_bias_ma": 30.0, "tx_power_dbm": -3.0, "rx_power_dbm": -6.0}
    return {
        "vendor": mark, "part_number": mark, "serial": f"{mark}-MODULE", "port": mark, "admin_up": True, "dom": True,
        "findings": [mark], "readings": {"temperature_c": 35.0, "voltage_v": 3.3, "lanes": [lane]},
    }  # fmt: skip
