"""Everything this room declares, loaded once at start."""

import registry.kernel.mail
import registry.notices.announcing
import registry.notices.feeds
import registry.notices.listing
import registry.notices.plans
import registry.notices.plugin_alert
import registry.notices.texts  # noqa: F401
from registry.notices import webhook_events, webhook_listing, webhook_sending, webhooks  # noqa: F401
