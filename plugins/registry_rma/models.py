"""Tables of the RMA desk. Every row belongs to a customer, but for the price list, which is the house's."""

from peewee import SQL, BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, TextField

from registry.sdk import Day, Instant, Owned, Shared, Versioned, clock, exact


class Case(Versioned, Owned):
    """What a customer asks for at one time; each unit is a Line. `number` is the RMA number once a line is approved."""

    LINKS = {"contact_id": "contact"}

    number = CharField(max_length=16, unique=True)
    contact_id = IntegerField(null=True)
    contact_name = CharField(default="")
    channel = CharField(max_length=16)
    notified_at = Instant()  # when we heard of it, by whichever channel
    opened_by = CharField()
    confirmed_at = Instant(null=True)  # a call is confirmed in writing
    valid_until = Day(null=True)
    note = TextField(default="")

    class Meta:
        table_name = "rma_case"
        indexes = ((("customer_id", "id"), False),)

    @property
    def label(self) -> str:
        return str(self.number)

    @property
    def to_be_confirmed(self) -> bool:
        """A call has to be confirmed in writing."""
        return self.channel == "telephone" and self.confirmed_at is None


class Line(Versioned, Owned):
    """One unit in a case. `serial` is what stood on it; it stays when the asset is gone."""

    LINKS = {"asset_id": "asset", "replacement_id": "asset", "product_id": "product", "decision_id": "decision"}
    UNSAID = frozenset({"proposal", "rank", "status_before"})  # of the history's pages

    case = ForeignKeyField(Case, on_delete="CASCADE", index=False)
    code = CharField(max_length=16, unique=True)
    asset_id = IntegerField(null=True)
    product_id = IntegerField(null=True)
    serial = CharField()
    product = CharField()
    state = CharField(max_length=24)
    ended = BooleanField(default=False)
    fault = TextField()
    cause = CharField(max_length=32, null=True)
    facts = JSONField(default=dict)  # of the claim, as a decision takes them
    fault_on = Day(null=True)
    notified_on = Day()
    proposal = JSONField(null=True)  # the decision as it was when the line was taken on
    overruled = CharField(max_length=16, default="")  # a remedy, or none
    overruled_by = CharField(default="")
    overruled_reason = TextField(default="")
    remedy = CharField(max_length=16, default="")
    charge = BooleanField(null=True)
    charge_reason = TextField(default="")
    decision_id = IntegerField(null=True)
    rank = IntegerField(default=9)  # place in the queue: 0 a replacement is owed, 1 a repair, 9 nothing
    status_before = CharField(max_length=32, default="")  # of the asset, before it came in
    work = CharField(max_length=16, default="")
    action = TextField(default="")
    parts = TextField(default="")
    chosen = CharField(max_length=16, default="")
    lost_from = CharField(max_length=16, default="")
    no_fault = BooleanField(default=False)
    fee_minor = IntegerField(null=True)
    fee_currency = CharField(max_length=3, default="")
    refund = JSONField(null=True)
    replacement_serial = CharField(default="")
    replacement_id = IntegerField(null=True)
    cause_class = CharField(max_length=16, default="")
    staff = CharField(default="")  # who did the latest work
    requested_on = Day(null=True)
    received_on = Day(null=True)
    ready_on = Day(null=True)
    closed_on = Day(null=True)
    repair_days = IntegerField(null=True)  # from receipt until it could be sent back
    moved_at = Instant(default=clock.now)
    idle_told_at = Instant(null=True)

    class Meta:
        table_name = "rma_line"
        indexes = (
            (("customer_id", "state", "id"), False),
            (("customer_id", "ended", "rank", "id"), False),
            (("customer_id", "asset_id"), False),
            (("customer_id", "replacement_id"), False),
            (("case",), False),
            (("ended", "moved_at"), False),
        )

    case_id: int

    @property
    def label(self) -> str:
        return f"{self.serial} ({self.code})"

    @property
    def claimed(self) -> int:
        """Id of the unit that failed; 0, which no unit has, for one that is gone."""
        return self.asset_id or 0

    @property
    def asset_now(self) -> int:
        """Id of the unit that goes on: the new one once it has taken over."""
        return self.replacement_id or self.claimed


# No unit is in two cases at once.
Line.add_index(Line.customer_id, Line.asset_id, unique=True, where=SQL("NOT ended"), name="rma_line_open_unit")


class Custody(Owned):
    """Who had the unit, when, where: append-only, each row bound to the one before by its hash."""

    APPEND_ONLY = True
    FILES = ("photo_key",)

    line = ForeignKeyField(Line, index=False)
    number = IntegerField()
    at = Instant()
    device_at = Instant(null=True)
    who = CharField()
    role = CharField(max_length=16)
    serial = CharField()
    start = CharField(max_length=24)
    state = CharField(max_length=24)
    place_from = CharField(max_length=16)
    place_to = CharField(max_length=16)
    spot = CharField(default="")
    reason = TextField(default="")
    details = JSONField(default=dict)
    photo_key = CharField(max_length=128, null=True)
    photo_sha256 = CharField(max_length=64, default="")
    key = CharField(max_length=64)
    previous = CharField(max_length=64)
    hash = CharField(max_length=64)

    class Meta:
        table_name = "rma_custody"
        indexes = (
            (("line", "number"), True),
            (("customer_id", "key"), True),
        )

    line_id: int

    @property
    def label(self) -> str:
        return f"{self.serial} {self.number}"


class RepairTest(Owned):
    """A test record: each parameter with its limits and the value measured decides passed or failed."""

    line = ForeignKeyField(Line, on_delete="CASCADE", index=False)
    after = CharField(max_length=16)  # inspection, repair, replacement
    serial = CharField()
    readings = JSONField()
    outcome = CharField(max_length=8)
    by = CharField()
    at = Instant(default=clock.now)

    class Meta:
        table_name = "rma_test"
        indexes = ((("line", "id"), False),)

    line_id: int

    @property
    def label(self) -> str:
        return f"{self.after} {self.outcome}"


class Price(Versioned, Shared):
    """The price list, by code. Rows of one customer stand before those of the house."""

    code = CharField(max_length=32)
    title = CharField()
    amount_minor = IntegerField()
    currency = CharField(max_length=3)

    class Meta:
        table_name = "rma_price"

    @property
    def label(self) -> str:
        return str(self.code)


Price.add_index(Price.code, unique=True, where=SQL("customer_id IS NULL"), name="rma_price_house")
Price.add_index(Price.customer_id, Price.code, unique=True, where=SQL("customer_id IS NOT NULL"), name="rma_price_own")


class Quote(Versioned, Owned):
    """What the work costs. Items keep the price of the list beside the price that is asked."""

    UNSAID = frozenset({"items"})

    line = ForeignKeyField(Line, on_delete="CASCADE", index=False)
    items = JSONField()  # [{code, text, quantity, unit_minor, list_minor}]
    amount_minor = IntegerField()
    currency = CharField(max_length=3)
    deviation = TextField(default="")
    state = CharField(max_length=16, default="offered")
    offered_by = CharField()
    offered_on = Day()
    valid_until = Day()
    settled_by = CharField(default="")
    settled_on = Day(null=True)
    how = CharField(max_length=16, default="")  # portal, letter, mail
    written = TextField(default="")  # where the writing can be found

    class Meta:
        table_name = "rma_quote"
        indexes = ((("line", "id"), False), (("customer_id", "state"), False))

    line_id: int

    @property
    def label(self) -> str:
        return f"{exact(self.amount_minor, self.currency)} {self.currency}"


class Record(Owned):
    """A maintenance record: what was done on a unit. Closing a line needs one."""

    LINKS = {"asset_id": "asset"}

    line = ForeignKeyField(Line, on_delete="CASCADE", index=False)
    asset_id = IntegerField(null=True)
    serial = CharField()
    fault = TextField()
    cause = CharField(max_length=32)
    action = TextField()
    parts = TextField(default="")
    started_at = Instant()
    finished_at = Instant()
    staff = CharField()
    written_at = Instant(default=clock.now)

    class Meta:
        table_name = "rma_record"
        indexes = ((("customer_id", "asset_id", "id"), False), (("line",), False))

    line_id: int

    @property
    def label(self) -> str:
        return str(self.serial)


class Track(Versioned, Owned):
    """Something that runs beside the line: a replacement sent ahead, or a unit lent."""

    line = ForeignKeyField(Line, on_delete="CASCADE", index=False)
    kind = CharField(max_length=8)
    serial = CharField()
    state = CharField(max_length=16)
    due_on = Day(null=True)  # when the defective (advance) or the lent unit is due
    note = TextField(default="")

    class Meta:
        table_name = "rma_track"
        indexes = ((("line",), False), (("customer_id", "state", "due_on"), False))

    line_id: int

    @property
    def label(self) -> str:
        return f"{self.kind} {self.serial}"


TABLES = (Case, Line, Custody, RepairTest, Price, Quote, Record, Track)
