"""What the list of users shows."""

from registry.kernel.language import N_
from registry.people.listing import USERS
from registry.web.lists import cells, tables
from registry.web.lists.cells import Show
from registry.web.lists.tables import Control, Empty, New, Table, table

TABLE = table(
    Table(
        USERS,
        N_("Users"),
        shown=("name", "house_role", "customers", "kind", "active", "created_at"),
        shows=(
            Show("name", N_("Name"), ("name", "email"), cells.two_lines("name", "email")),
            Show("house_role", N_("Role in the house"), ("house_role",), cells.coded("house_role", "role")),
            Show("kind", N_("Kind"), ("kind",), cells.coded("kind", "user_kind")),
            Show("active", N_("May sign in"), ("active",), cells.yes_no("active")),
            Show("language", N_("Language"), ("language",), cells.coded("language", "language")),
        ),
        controls=(
            Control("email", N_("E-mail"), "text"),
            tables.coded("role", N_("Role"), "role"),
            tables.coded("kind", N_("Kind"), "user_kind"),
            tables.yes_or_no("active", N_("May sign in")),
        ),
        details=("users.show_person", "users.show_user"),
        new=New(N_("Add a person"), "user.edit", ("users.new_person", "users.new_user")),
        empty=Empty(N_("Nobody yet."), N_("Invite the first person.")),
        house="users.list_users",
    )
)
