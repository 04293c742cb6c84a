"""What only one unit may have: its tag, its serial number among units of a product, its slot in a parent."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from registry.imports.asset_table import AssetTable, Stored
from registry.imports.run import Run
from registry.kernel.language import N_, _

Fresh = list[tuple[int, Stored]]
Changed = list[tuple[int, Stored, Stored]]

_TAKEN = {
    "tag": N_("Another asset has this tag; correct one of the two."),
    "serial": N_("Another asset of this product has this serial number; correct one of the two."),
    "slot": N_("Another asset is in this slot; correct one of the two."),
}
_TAKEN_IN_FILE = {
    "tag": N_("Another asset has this tag (line %(line)s of the file); correct one of the two."),
    "serial": N_(
        "Another asset of this product has this serial number (line %(line)s of the file); correct one of the two."
    ),
    "slot": N_("Another asset is in this slot (line %(line)s of the file); correct one of the two."),
}


class Claim(NamedTuple):
    """`within`: product of a serial number, parent of a slot, None for a tag."""

    name: str
    value: str
    within: int | None


class Claims:
    """Checks a chunk of rows against the registry and against each other; refuses those that come too late."""

    def __init__(self, run: Run, table: AssetTable) -> None:
        self.run, self.table = run, table

    def granted(self, fresh: Fresh, changed: Changed, *, everything_is_new: bool) -> tuple[Fresh, Changed]:
        """The rows that may have what they want. Whoever has a key or tag twice in the file was refused before."""
        certain = {self.run.key} | ({"tag"} if everything_is_new else set())
        wants = [(line, None, list(_claims(row, row, certain))) for line, row in fresh]
        wants += [(line, old["id"], list(_claims(new, old | new, ()))) for line, old, new in changed]
        taken = self._holders([claim for _, _, claims in wants for claim in claims])
        refused = set()
        for line, own_id, claims in wants:
            for claim in claims:
                if taken.setdefault(claim, own_id or -line) not in (own_id, -line):
                    self.run.refuse(line, claim.name, claim.value, self._text(claim, taken[claim]))
                    refused.add(line)
                    break
        if not refused:
            return fresh, changed
        return [one for one in fresh if one[0] not in refused], [one for one in changed if one[0] not in refused]

    def _text(self, claim: Claim, holder: int) -> str:
        return _(_TAKEN_IN_FILE[claim.name], line=-holder) if holder < 0 else _(_TAKEN[claim.name])

    def _holders(self, claims: list[Claim]) -> dict[Claim, int]:
        """Claim -> id of the asset that has it."""
        if not claims:
            return {}
        table = self.table
        tags = {claim.value for claim in claims if claim.name == "tag"}
        serials = {claim.value for claim in claims if claim.name == "serial"}
        parents = {claim.within for claim in claims if claim.name == "slot"}
        found = {Claim("tag", tag, None): asset_id for tag, asset_id in table.holders("tag", tags)}
        for serial, asset_id, product in table.holders("serial", serials, "product_id"):
            found[Claim("serial", serial, product)] = asset_id
        for parent, asset_id, slot in table.holders("parent_id", parents, "slot"):
            if slot is not None:
                found[Claim("slot", slot, parent)] = asset_id
        return found


def _claims(new: Stored, row: Stored, certain: Any) -> Iterator[Claim]:
    """What a row newly wants, without what is certain to be free: nobody has the key of a row that is created."""
    if new.get("tag") and "tag" not in certain:
        yield Claim("tag", new["tag"], None)
    if row.get("serial") and ("serial" in new or "product_id" in new) and "serial" not in certain:
        yield Claim("serial", row["serial"], row["product_id"])
    if row.get("slot") and ("slot" in new or "parent_id" in new):
        yield Claim("slot", row["slot"], row["parent_id"])
