"""What is kept about plugins: on or off, the values of their settings, and their failures."""

from peewee import SQL, BooleanField, CharField, IntegerField, JSONField, TextField

from registry.kernel import clock
from registry.kernel.access import Shared
from registry.kernel.db import Instant, Row
from registry.kernel.writing import Versioned


class PluginSwitch(Versioned, Shared):
    """On or off: for the house (customer NULL), or for one customer. Where nobody said anything a plugin is on."""

    plugin = CharField(max_length=31)
    on = BooleanField()
    reason = TextField(default="")  # why it was stopped, when nobody switched it off

    class Meta:
        table_name = "plugin_switch"

    @property
    def label(self) -> str:
        return self.plugin


PluginSwitch.add_index(
    PluginSwitch.plugin, unique=True, where=SQL("customer_id IS NULL"), name="plugin_switch_house",
)  # fmt: skip
PluginSwitch.add_index(
    PluginSwitch.customer_id, PluginSwitch.plugin,
    unique=True, where=SQL("customer_id IS NOT NULL"), name="plugin_switch_customer",
)  # fmt: skip


class PluginSetting(Versioned, Shared):
    """The values of one plugin's form: the house's (customer NULL) or one customer's."""

    SECRET = frozenset({"secrets"})

    plugin = CharField(max_length=31)
    given = JSONField(default=dict)
    secrets = JSONField(default=dict)  # name of a field -> its value, sealed

    class Meta:
        table_name = "plugin_setting"

    @property
    def label(self) -> str:
        return self.plugin


PluginSetting.add_index(
    PluginSetting.plugin, unique=True, where=SQL("customer_id IS NULL"), name="plugin_setting_house",
)  # fmt: skip
PluginSetting.add_index(
    PluginSetting.customer_id, PluginSetting.plugin,
    unique=True, where=SQL("customer_id IS NOT NULL"), name="plugin_setting_customer",
)  # fmt: skip


class PluginIncident(Row):
    """A failure of a plugin. The same one again raises `times` and keeps the number under which it was first told."""

    number = CharField(max_length=8, unique=True)
    plugin = CharField(max_length=31)
    hook = CharField(max_length=31)
    error = CharField(max_length=500)
    times = IntegerField(default=1)
    first_at = Instant(default=clock.now)
    last_at = Instant(default=clock.now)

    class Meta:
        table_name = "plugin_incident"
        indexes = ((("plugin", "last_at"), False),)
