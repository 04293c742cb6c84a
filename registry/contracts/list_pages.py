"""What the list of contracts shows."""

from registry.contracts.listing import CONTRACTS, STATES
from registry.kernel.language import N_
from registry.web.lists import cells, tables
from registry.web.lists.cells import Show
from registry.web.lists.tables import Control, Empty, New, Table, table

TONES = {"active": "good", "terminated": "bad"}

TABLE = table(
    Table(
        CONTRACTS,
        N_("Contracts"),
        shown=("contract", "state", "starts_on", "in_force_until", "renewal", "policy"),
        shows=(
            Show("contract", N_("Contract"), ("number", "title"), cells.two_lines("number", "title")),
            Show("state", N_("State"), ("state",), cells.coded("state", "contract_state", TONES)),
            Show("in_force_until", N_("In force until"), ("in_force_until",),
                 cells.until("in_force_until", N_("No end agreed"))),
            Show("renewal", N_("Renewal"), ("renewal",), cells.coded("renewal", "renewal")),
            Show("policy", N_("Service policy"), ("policy",), cells.gathered("policy", "policies")),
        ),
        controls=(
            tables.find(N_("Number or title")),
            tables.of_customer,
            tables.coded("state", N_("State"), "contract_state", STATES),
            Control("ends_before", N_("Ends before"), "day"),
        ),
        says={"on": N_("As of")},
        gather=cells.named_policies,
        details=("contracts.show_contract",),
        new=New(N_("New contract"), "contract.edit", ("contracts.new_contract",)),
        empty=Empty(N_("No contracts yet."), N_("Write down the first one: what was agreed, and for how long."),
                    N_("They show up here once your account manager has entered them.")),
        endpoint="contracts.list_contracts",
        house="house_contracts.list_contracts",
    )
)  # fmt: skip
