"""Roles: named sets of permissions. Rooms declare the permissions; here stands who holds them."""

from dataclasses import dataclass

from registry.kernel.access import GIVEN, PERMISSIONS


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    label: str
    operator: bool
    names: frozenset[str] | None  # None: every permission there is

    @property
    def permissions(self) -> frozenset[str]:
        if self.names is None:
            return frozenset(PERMISSIONS)
        given = GIVEN.get(self.name, ())
        return self.names | {name for name in given if self.operator or PERMISSIONS[name].customer}


READ = frozenset(
    {
        "customer.view", "product.view", "asset.view", "licence.view", "warranty.view", "contract.view",
        "export.run", "custody.view", "notice.view",
    }
)  # fmt: skip
MANAGE_ASSETS = frozenset({"asset.edit", "licence.edit", "optic.read", "optic.edit"})
SERVICE = READ | MANAGE_ASSETS | {"warranty.edit", "decision.record", "product.edit", "import.run"}
SERVICE |= {"custody.edit", "disclosure.view"}
LABELS = frozenset({"label.print", "label.edit"})
SERVICE |= LABELS
LEAD = SERVICE | {
    "customer.edit",
    "customer.contacts",
    "contract.edit",
    "terms.edit",
    "user.view",
    "audit.view",
    "licence.key",
    "webhook.edit",
    "notice.edit",
    "package.make",
    "disclosure.record",
    "disclosure.approve",  # to be able to give it: only somebody of the customer's own can approve anything
    "view.share",
    "label.batch",
}

ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role("admin", "Administrator", True, None),
        Role("supervisor", "Supervisor", True, LEAD | {"user.edit"}),
        Role("engineer", "Engineer", True, SERVICE),
        Role("account_manager", "Account manager", True, LEAD),
        Role("auditor", "Auditor", True, READ | {"audit.view", "user.view", "disclosure.view"}),
        Role(
            "manager",
            "Manager",
            False,
            READ | MANAGE_ASSETS
            | {"customer.contacts", "import.run", "licence.key", "user.view", "user.edit", "audit.view", "webhook.edit",
               "notice.edit"}
            | {"package.make", "disclosure.view", "disclosure.approve", "view.share"} | LABELS | {"label.batch"},
        ),
        Role("member", "Member", False, READ | MANAGE_ASSETS | LABELS),
        Role("reader", "Reader", False, READ),
    )
}  # fmt: skip


def permissions_of(role: str) -> frozenset[str]:
    found = ROLES.get(role)
    return found.permissions if found else frozenset()
