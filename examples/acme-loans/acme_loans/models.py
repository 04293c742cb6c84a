"""Tables. Their names begin with acme_loans_, and every row belongs to a customer."""

from peewee import BooleanField, CharField, IntegerField

from registry.sdk import Day, Owned, Versioned


class Reminder(Versioned, Owned):
    asset_id = IntegerField()
    text = CharField(max_length=200)
    due_on = Day()
    done = BooleanField(default=False)
    told = BooleanField(default=False)
    borrower = CharField(max_length=100, null=True)

    class Meta:
        table_name = "acme_loans_reminder"
        indexes = ((("customer_id", "done", "due_on"), False), (("customer_id", "asset_id"), False))

    @property
    def label(self) -> str:
        return self.text
