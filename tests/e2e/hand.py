"""What somebody does by the API while others stand before a browser, and where his labels come from."""

from typing import TYPE_CHECKING, Any

from tests.e2e.camera import first_label

if TYPE_CHECKING:
    from tests.e2e.conftest import Visitor

V1 = "/api/v1"
MINE, THEIRS = "mesa-clinics", "harbourline"


class Hand:
    """Somebody's calls of the API, as his browser would send them."""

    def __init__(self, who: "Visitor") -> None:
        self.who = who
        self.csrf = who.go("/scan").locator("input[name=csrf_token]").first.get_attribute("value")

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        given = {"X-CSRF-Token": self.csrf, **headers}
        return self.who.context.request.fetch(self.who.site.url + V1 + path, method=method, headers=given, data=body)

    def get(self, path: str) -> Any:
        answer = self.send("GET", path)
        assert answer.ok, answer.text()
        return answer.json()

    def unit(self, customer: str, number: int = 0) -> dict[str, Any]:
        found = self.get(f"/assets?customer={customer}&kind=hardware&sort=id&limit=10")["items"]
        return found[number]  # type: ignore[no-any-return]

    def printed(self, unit: dict[str, Any]) -> Any:
        """The label of the unit, cut out of the sheet that was printed."""
        wish = {"customer": unit["customer"], "assets": [unit["id"]], "sheet": "L7163"}
        answer = self.send("POST", "/labels/print", wish)
        assert answer.ok, answer.text()
        return first_label(answer.body())

    def code_of(self, unit: dict[str, Any]) -> dict[str, Any]:
        found = self.get(f"/label-codes?asset={unit['id']}&state=active")["items"]
        return found[0]  # type: ignore[no-any-return]

    def in_advance(self) -> tuple[dict[str, Any], Any]:
        """A label for any unit of MINE: its code, and what was printed."""
        batch = self.send("POST", "/label-batches", {"count": 1, "customer": MINE}).json()["batch"]
        answer = self.send("POST", "/labels/print", {"customer": MINE, "batch": batch, "sheet": "L7163"})
        assert answer.ok, answer.text()
        return self.get(f"/label-codes?batch={batch}")["items"][0], first_label(answer.body())

    def case(self, unit: dict[str, Any]) -> dict[str, Any]:
        """An RMA case for the unit, that waits for it: its line."""
        body = {"lines": [{"asset": unit["id"], "fault": "Nobody else is to read this"}]}
        line: dict[str, Any] = self.send("POST", "/x/rma/cases", body).json()["lines"][0]
        paid = {"remedy": "repair", "charge": False, "charge_reason": "Owed"}
        for to, facts in (("triage", {}), ("approved", paid), ("awaiting_receipt", {})):
            line = self.move(line, to, **facts)
        return line

    def move(self, line: dict[str, Any], to: str, **facts: Any) -> dict[str, Any]:
        address = f"/x/rma/lines/{line['id']}"
        version = f'"{self.get(address)["version"]}"'
        answer = self.send("POST", f"{address}/moves", {"to": to, **facts}, **{"If-Match": version})
        assert answer.ok, answer.text()
        return answer.json()  # type: ignore[no-any-return]

    def revoke(self, label: dict[str, Any]) -> None:
        path, version = f"/label-codes/{label['id']}/revoke", f'"{label["version"]}"'
        answer = self.send("POST", path, {"reason": "spoilt"}, **{"If-Match": version})
        assert answer.ok, answer.text()


def until_told(page: Any, wanted: str) -> None:
    """The scanner says so."""
    page.locator("[data-told]", has_text=wanted).wait_for()
