"""What the list of licences shows."""

from registry.kernel.language import N_, _
from registry.licences.listing import LICENCES
from registry.licences.schemas import LicenceChange
from registry.licences.service import change_licences
from registry.web.lists import cells, tables
from registry.web.lists.bulk import Bulk, Part
from registry.web.lists.cells import Around, Cell, Row, Show
from registry.web.lists.tables import Control, Empty, New, Table, table
from registry.web.shell import number


def _use(row: Row, _around: Around) -> Cell:
    used = number(row["used"])
    if row["quantity"] is None:
        return Cell(used, _("unlimited"))
    said = _("%(used)s of %(quantity)s", used=used, quantity=number(row["quantity"]))
    return Cell(said, mark=_("Too many"), tone="bad") if row["over_used"] else Cell(said)


TABLE = table(
    Table(
        LICENCES,
        N_("Licences"),
        shown=("name", "make", "metric", "use", "ends_on", "covered_until"),
        shows=(
            Show("make", N_("Product"), ("product", "maker"), cells.two_lines("product", "maker")),
            Show("product", N_("Product name"), ("product",), cells.text("product")),
            Show("metric", N_("Counted by"), ("metric",), cells.coded("metric", "metric")),
            Show("use", N_("In use"), ("used", "quantity"), _use, ("over_used",)),
            Show("ends_on", N_("Runs until"), ("ends_on",), cells.until("ends_on", N_("For good"))),
            Show("covered_until", N_("Covered until"), ("covered_until",),
                 cells.until("covered_until", N_("Not covered"))),
            Show("maintenance_until", N_("Maintenance until"), ("maintenance_until",),
                 cells.until("maintenance_until")),
        ),
        controls=(
            tables.find(N_("Name, supplier or order")),
            tables.of_customer,
            tables.coded("metric", N_("Counted by"), "metric"),
            tables.yes_or_no("over_used", N_("More in use than bought")),
            Control("ends_before", N_("Ends before"), "day"),
        ),
        says={"covered": N_("Warranty"), "expires_before": N_("Covered today, but not on"),
              "unused": N_("Used by nobody"), "ends_from": N_("Ends from")},
        details=("licences.show_licence",),
        new=New(N_("New licence"), "licence.edit", ("licences.new_licence",)),
        empty=Empty(N_("No licences yet."), N_("Add the first one: what may be used, how much of it, until when.")),
        bulk=Bulk(
            "licence.edit",
            LicenceChange,
            (
                Part("maintenance_until", N_("Maintenance until"), "day", clear=None),
                Part("ends_on", N_("Runs until"), "day", clear=None),
                Part("supplier", N_("Supplier"), clear=""),
                Part("order_number", N_("Order number"), clear=""),
            ),
            change_licences,
            ("maintenance_until", "ends_on", "supplier", "order_number"),
        ),
        endpoint="licences.list_licences",
        house="house_licences.list_licences",
    )
)  # fmt: skip
