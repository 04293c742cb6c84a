"""The customer is the tenant: every business row belongs to exactly one."""

from peewee import SQL, BooleanField, CharField, ForeignKeyField, JSONField, TextField

from registry.kernel import clock
from registry.kernel.access import Owned, Scoped
from registry.kernel.db import Day, Instant, Row
from registry.kernel.search import SearchSource, declare
from registry.kernel.writing import Versioned
from registry.people.models import User


class ServicePolicy(Versioned, Row):
    """What is promised to whoever is served under it: targets, calendar, contacts. One of several, never merged."""

    code = CharField(max_length=64, unique=True)
    name = CharField()
    settings = JSONField(default=dict)

    class Meta:
        table_name = "service_policy"

    @property
    def label(self) -> str:
        return self.code


class Customer(Versioned, Scoped):
    slug = CharField(max_length=64, unique=True)
    name = CharField()
    language = CharField(max_length=16, default="en")
    time_zone = CharField(max_length=64, default="UTC")
    currency = CharField(max_length=3, default="USD")
    customer_since = Day(null=True)
    policy = ForeignKeyField(ServicePolicy, null=True)
    policy_overrides = JSONField(default=dict)
    active = BooleanField(default=True)
    notes = TextField(default="")

    class Meta:
        table_name = "customer"

    @property
    def label(self) -> str:
        return self.slug

    @property
    def customer_id(self) -> int:
        return self.id  # type: ignore[no-any-return]


class AccountManager(Owned):
    """Who looks after a customer, from when to when. The open row (until NULL) is the active one."""

    user = ForeignKeyField(User)
    since = Instant(default=clock.now)
    until = Instant(null=True)

    class Meta:
        table_name = "account_manager"


AccountManager.add_index(
    AccountManager.customer_id, unique=True, where=SQL("until IS NULL"), name="account_manager_active"
)


class Site(Versioned, Owned):
    name = CharField()
    address = TextField(default="")
    city = CharField(default="")
    province = CharField(default="")
    country = CharField(max_length=2, default="")
    postal_code = CharField(max_length=32, default="")

    class Meta:
        table_name = "site"
        indexes = ((("customer_id", "name"), True),)

    @property
    def label(self) -> str:
        return self.name


class Contact(Versioned, Owned):
    """A person we talk to. `trained` marks who went through the training that remote service prefers."""

    name = CharField()
    email = CharField(default="")
    phone = CharField(max_length=64, default="")
    title = CharField(default="")
    site = ForeignKeyField(Site, null=True)
    trained = BooleanField(default=False)
    language = CharField(max_length=16, default="")
    notes = TextField(default="")

    class Meta:
        table_name = "contact"
        indexes = ((("customer_id", "name"), False), (("customer_id", "email"), False))

    @property
    def label(self) -> str:
        return self.name


CUSTOMER_SEARCH = declare(SearchSource("customer", Customer, ("slug", "name"), "customer.view"))
CONTACT_SEARCH = declare(SearchSource("contact", Contact, ("name", "email", "phone"), "customer.view"))
