"""Moments as forms take them: on the clocks of the customer of the page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import g

from registry.kernel.language import N_
from registry.optics.schemas import Moment


class LocalMoment(Moment):
    """2026-05-01T09:30, as a browser sends it: without a time zone it is the customer's."""

    default_error_messages = {"invalid": N_("Give date and time, such as 2026-05-01 09:30.")}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        try:
            found = datetime.fromisoformat(value)
            if found.tzinfo is None and ("T" in value or " " in value):
                value = found.replace(tzinfo=ZoneInfo(g.customer.time_zone)).isoformat()
        except (TypeError, ValueError):
            raise self.make_error("invalid") from None
        return super()._deserialize(value, attr, data, **kwargs)
