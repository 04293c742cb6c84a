"""The filter ?import=ID: what of a list an import made or changed and is still there. The audit chain knows it."""

from typing import Any

from registry.assets.listing import ASSETS
from registry.customers.listing import CONTACTS, SITES
from registry.imports.models import ImportSession
from registry.kernel.access import Actor, visible
from registry.kernel.audit import AuditEntry
from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.kernel.listing import Filter, Listing
from registry.kernel.shapes import id_text
from registry.licences.listing import LICENCES
from registry.products.listing import PRODUCTS


def _session(actor: Actor, session_id: int) -> int:
    """The import, if he may know of its customer."""
    if not visible(ImportSession, actor, ImportSession.id).where(ImportSession.id == session_id).exists():
        raise Invalid.field("import", _("There is no import No. %(id)s that you can see.", id=session_id))
    return session_id


def of_import(model: Any) -> Filter:
    def touched(_actor: Actor, session_id: int) -> Any:
        mine = (AuditEntry.batch_id == session_id) & (AuditEntry.object_type == model._meta.table_name)
        return model.id.in_(AuditEntry.select(AuditEntry.object_id).where(mine))

    return Filter(id_text(), touched, find=_session)


LISTS: tuple[Listing, ...] = (ASSETS, LICENCES, CONTACTS, SITES, PRODUCTS)
for listing in LISTS:
    listing.filters["import"] = of_import(listing.model)
