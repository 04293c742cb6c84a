"""Whatever the plugin does, it keeps to the contract."""

from datetime import date

from registry.testing import Conformity

from acme_loans import service


class TestConformity(Conformity):
    plugin = "acme_loans"

    def make_rows(self, installation, asset):
        """Something of one customer's, that nobody else may see: names of route arguments and their values."""
        reminder = service.remind(installation.system, asset.id, "CANARY", date(2030, 1, 1))
        return {"asset_id": asset.id, "reminder_id": reminder.id}
