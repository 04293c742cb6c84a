"""Units inside other units: the parent may come later in the same file, and nothing may be inside itself."""

from collections.abc import Sequence
from typing import Any

from registry.assets.service import DEEPEST
from registry.imports.asset_table import AssetTable, Stored
from registry.imports.run import Parsed, Run
from registry.imports.scratch import Waiting
from registry.kernel.language import _


class Parents:
    """Puts rows with a parent aside, and finds their parents in rounds: each round may bring those of the next."""

    def __init__(self, run: Run, table: AssetTable) -> None:
        self.run, self.table = run, table
        self._waiting, self._before, self._rounds = Waiting(), Waiting(), 0

    def close(self) -> None:
        self._waiting.close()
        self._before.close()

    def put_aside(self, rows: Sequence[Parsed]) -> list[Parsed]:
        """The rows without a parent; the others wait."""
        for row in rows:
            if "parent" in row[1]:
                self._waiting.put(row)
        return [row for row in rows if "parent" not in row[1]]

    def next_round(self) -> Waiting | None:
        """The rows that wait, for one more try; None when another try could bring nothing new."""
        nothing_new = self._rounds and self._waiting.count == self._before.count
        if not self._waiting.count or nothing_new or self._rounds == DEEPEST:
            return None
        self._rounds += 1
        self._before.close()
        self._before, self._waiting = self._waiting, Waiting()
        return self._before

    def found(self, rows: Sequence[Parsed]) -> list[Parsed]:
        """The rows whose parent is there now, with `parent_id`; the others wait on."""
        codes = {values["parent"] for _, values in rows}
        ids = self._ids("serial", codes)
        ids |= self._ids("tag", codes - ids.keys())
        ready = []
        for line, values in rows:
            fits = ids.get(values["parent"], [])
            if len(fits) > 1:
                text = _("%(count)s assets have this serial number; give the parent's tag instead.", count=len(fits))
                self.run.refuse(line, "parent", values["parent"], text)
            elif fits:
                ready.append((line, {**values, "parent_id": fits[0]}))
            else:
                self._waiting.put((line, values))
        return ready

    def _ids(self, column: str, codes: set[str]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for code, asset_id in self.table.holders(column, codes):
            found.setdefault(code, []).append(asset_id)
        return found

    def refuse_rest(self) -> None:
        text = _("There is no asset with this serial number or tag, neither in the registry nor in the file.")
        if self._rounds == DEEPEST:
            text = _("%(text)s (Units can be nested %(deepest)s deep at most.)", text=text, deepest=DEEPEST)
        for line, values in self._waiting.rows():
            self.run.refuse(line, "parent", values["parent"], text)

    def without_rings(self, changed: list[tuple[int, Stored, Stored]]) -> list[tuple[int, Stored, Stored]]:
        """Changes without those that would put a unit inside itself, or too deep."""
        moved = {new["parent_id"] for _, _, new in changed if new.get("parent_id")}
        if not moved:
            return changed
        above = self._above(moved)
        sound = []
        for line, old, new in changed:
            fault = self._fault(above, old["id"], new["parent_id"]) if new.get("parent_id") else None
            if fault:
                self.run.refuse(line, "parent", None, fault)
            else:
                sound.append((line, old, new))
                above[old["id"]] = new.get("parent_id") or above.get(old["id"])
        return sound

    def _above(self, ids: set[int]) -> dict[int, int | None]:
        """id -> parent's id, for these units and all above them."""
        known: dict[int, int | None] = {}
        todo: set[Any] = set(ids)
        for _step in range(DEEPEST + 1):
            found = {asset_id: parent for asset_id, _key, parent in self.table.holders("id", todo, "parent_id")}
            known |= found
            todo = {parent for parent in found.values() if parent is not None} - known.keys()
            if not todo:
                break
        return known

    def _fault(self, above: dict[int, int | None], asset_id: int, parent_id: int) -> str | None:
        step: int | None = parent_id
        for _step in range(DEEPEST):
            if step is None:
                return None
            if step == asset_id:
                return _("A unit cannot be inside itself.")
            step = above.get(step)
        return None if step is None else _("Units can be nested %(deepest)s deep at most.", deepest=DEEPEST)
