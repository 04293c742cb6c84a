"""Whom to tell of what ends, and what was announced: each end once for each step."""

from peewee import SQL, BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, JSONField

from registry.kernel import clock
from registry.kernel.access import Owned
from registry.kernel.db import Day, Instant, Row
from registry.kernel.writing import Versioned
from registry.people.models import Token, User

STEPS = (90, 30, 7, 0)
KINDS = ("warranty", "licence", "contract")


class NoticePlan(Versioned, Owned):
    """How one customer is told. Made when somebody changes it; until then the defaults hold."""

    enabled = BooleanField(default=True)
    steps = JSONField(default=lambda: list(STEPS))  # days ahead, falling; 0 is the last day itself
    kinds = JSONField(default=lambda: list(KINDS))
    roles = JSONField(default=lambda: ["manager"])  # whoever has one of these roles at the customer
    users = JSONField(default=list)  # and these of his users
    account_manager = BooleanField(default=True)
    quiet_from = CharField(max_length=5, null=True, default="20:00")  # on the customer's clocks
    quiet_to = CharField(max_length=5, null=True, default="07:00")
    quiet_days = JSONField(default=list)  # 1 Monday ... 7 Sunday

    class Meta:
        table_name = "notice_plan"
        indexes = ((("customer_id",), True),)

    @property
    def label(self) -> str:
        return "notice plan"


class NoticeRun(Owned):
    """What was announced to a customer at one time; `mailed_at` is empty until its mails are queued."""

    at = Instant(default=clock.now)
    on = Day(column_name="announced_on")
    counts = JSONField()  # topic -> how many
    mailed_at = Instant(null=True)

    class Meta:
        table_name = "notice_run"
        indexes = ((("customer_id", "id"), False), (("mailed_at", "id"), False))

    @property
    def label(self) -> str:
        return f"notices of {self.on}"


class Notice(Owned):
    """That the end of a subject was announced so many days ahead. The day is part of the key: a term that was
    extended is announced again."""

    topic = CharField(max_length=24)
    subject_id = BigIntegerField()
    ends_on = Day()
    step = IntegerField()
    run = ForeignKeyField(NoticeRun, on_delete="CASCADE")

    class Meta:
        table_name = "notice"
        indexes = (
            (("customer_id", "topic", "subject_id", "ends_on", "step"), True),
            (("customer_id", "id"), False),
        )


class NoticeChoice(Versioned, Row):
    """Kinds of notices that a user does not want."""

    user = ForeignKeyField(User, on_delete="CASCADE", unique=True)
    muted = JSONField(default=list)

    class Meta:
        table_name = "notice_choice"

    @property
    def label(self) -> str:
        return f"notices of user {self.user_id}"


class CalendarFeed(Row):
    """A member's calendar, read by whoever has its address. Made by a token, it may no more and lives no longer."""

    SECRET = frozenset({"hash"})

    user = ForeignKeyField(User, on_delete="CASCADE")
    token = ForeignKeyField(Token, on_delete="CASCADE", null=True, unique=True)
    hash = CharField(max_length=64, unique=True)
    created_at = Instant(default=clock.now)
    read_at = Instant(null=True)

    class Meta:
        table_name = "calendar_feed"

    @property
    def label(self) -> str:
        return f"calendar of user {self.user_id}"


CalendarFeed.add_index(CalendarFeed.user, unique=True, where=SQL("token_id IS NULL"), name="calendar_feed_own")
