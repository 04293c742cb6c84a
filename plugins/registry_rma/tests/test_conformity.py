"""Whatever the plugin does, it keeps to the contract."""

from io import BytesIO
from typing import Any

from registry.sdk import ANY_VERSION, keep_file
from registry.testing import Conformity, Installation
from registry_rma import cases, moving, quotes, tracks
from registry_rma.custody import Photo


class TestConformity(Conformity):
    plugin = "rma"

    def make_rows(self, installation: Installation, asset: Any) -> dict[str, Any]:
        """A line in triage with a quote, a track and a photo's number."""
        system = installation.system
        case = cases.open_case(system, {"lines": [{"asset": asset.id, "fault": "CANARY"}], "note": "CANARY"})
        [line] = cases.lines_of(system, case)
        key, sha256, _size = keep_file(line.customer_id, BytesIO(b"\xff\xd8\xff"))
        moving.move(system, line.id, "triage", {}, version=ANY_VERSION, photo=Photo(key, sha256))
        items = [{"text": "CANARY", "quantity": 1, "unit_minor": 100}]
        quote = quotes.offer(system, line.id, {"items": items, "deviation": "CANARY"})
        track = tracks.begin(system, line.id, {"kind": "loaner", "serial": f"LENT-{asset.serial}"})
        return {
            "asset_id": asset.id, "rma_line_id": line.id, "rma_case_id": case.id, "rma_quote_id": quote.id,
            "rma_track_id": track.id,
            "to": "quoted", "photo_number": 2, "rma_paper": "form",
        }  # fmt: skip
