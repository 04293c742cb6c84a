"""A saved filter: what stands behind the address of a list, under a name."""

from peewee import SQL, BooleanField, CharField, ForeignKeyField, JSONField

from registry.kernel.access import Shared
from registry.kernel.writing import Versioned
from registry.people.models import User


class View(Versioned, Shared):
    """`query`: parameter -> text, as in the address: filters, sort, columns. It is read as if `owner` had typed it, by
    whoever opens it, and gives nobody a right.

    customer_id NULL: a list of the house. `shared`: for everybody there, else for `owner` alone.
    """

    HOUSE_ROWS = ()  # those of the house are for the house

    list_name = CharField(max_length=32)
    owner = ForeignKeyField(User, on_delete="CASCADE")
    name = CharField(max_length=100)
    shared = BooleanField(default=False)
    is_default = BooleanField(default=False)
    query = JSONField()

    class Meta:
        table_name = "saved_view"
        indexes = ((("customer_id", "list_name", "owner"), False),)

    @property
    def label(self) -> str:
        return str(self.name)


View.add_index(View.list_name, where=SQL("customer_id IS NULL"), name="saved_view_house")
