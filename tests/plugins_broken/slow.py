"""Takes 30 seconds to draw a card."""

import os
import time
from contextlib import suppress

from registry.plugins import patience
from registry.sdk import Panel, PluginInfo, hook

PLUGIN = PluginInfo("slow", "Slow", "1.0")
if os.environ.get("TEST_IS_IMPATIENT"):  # in a process of its own: nobody need wait for as long as people do
    patience.LONGEST = 2.0


@hook
def panels(place, subject, actor):  # type: ignore[no-untyped-def]
    with suppress(Exception):  # whatever is an Exception would be swallowed here
        time.sleep(30)
    return [Panel("Late", "slow/late.html")]
