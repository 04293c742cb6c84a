"""Its table could be anybody's."""

from collections.abc import Iterable

from registry.sdk import Owned, PluginInfo, hook

PLUGIN = PluginInfo("table_without_prefix", "Table without prefix", "1.0")


class Loan(Owned):
    class Meta:
        table_name = "loan"


@hook
def models() -> Iterable[type]:
    return [Loan]
