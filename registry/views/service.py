"""Verbs about saved filters. What one shows is decided when it is opened, by the list and by who opens it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from registry.actions import Action
from registry.customers.models import Customer
from registry.kernel import access
from registry.kernel.access import Actor, Permission, visible
from registry.kernel.db import transaction
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kernel.language import _
from registry.kernel.prepared import Kept, loaded
from registry.kernel.writing import ANY_VERSION, change, create, remove
from registry.views.models import View

access.declare(Permission("view.share", "Share saved filters with everybody, and change shared ones"))
_texts: Kept = {}
MOST = 50  # of one user for one list; and shared ones for one list
LONGEST = 2000  # characters of a query


class Place(NamedTuple):
    """Where a saved filter belongs: a customer, or (None) the house."""

    customer_id: int | None


def place_of(actor: Actor, customer: Customer | None) -> Place | None:
    """Where filters are kept for the lists of `customer`, or for those of the house; None when he has no such place."""
    if actor.user_id is None:
        return None
    if customer is not None:
        return Place(customer.id)
    if actor.is_operator:
        return Place(None)
    return Place(next(iter(actor.grants))) if len(actor.grants) == 1 else None


def views_for(actor: Actor, list_name: str, customer: Customer | None) -> list[View]:
    """Those that he may open on this list, shared ones first; his own default stands before a shared one's."""
    place = place_of(actor, customer)
    if place is None:
        return []
    house = place.customer_id is None

    def write(scope: Actor, name: str, user: int, *customer_id: int) -> Any:
        here = View.customer_id.is_null() if house else View.customer_id == customer_id[0]
        mine = (View.owner == user) | (View.shared == True)  # noqa: E712 - SQL
        query = visible(View, scope).where(here & (View.list_name == name) & mine)
        return query.order_by(View.shared.desc(), View.name, View.id).limit(2 * MOST)

    values = [list_name, actor.user_id, *([] if house else [place.customer_id])]
    return loaded(View, _texts, house, actor, values, write)


def default_of(found: list[View]) -> View | None:
    """The one that a list opens with: his own choice before everybody's."""
    chosen = [view for view in found if view.is_default]
    return min(chosen, key=lambda view: bool(view.shared), default=None)


def own_or_shared(actor: Actor) -> Any:
    """All that he may open, wherever they belong. Those of the house are the operator's."""
    mine = (View.owner == (actor.user_id or 0)) | (View.shared == True)  # noqa: E712 - SQL
    query = visible(View, actor).where(mine)
    return query if actor.is_operator else query.where(View.customer_id.is_null(False))


def get_view(actor: Actor, view_id: int) -> View:
    """Raises NotFound for one that is somebody else's own."""
    found = own_or_shared(actor).where(View.id == view_id).first() if 0 <= view_id < 2**63 else None
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def save_view(actor: Actor, list_name: str, customer: Customer | None, values: Mapping[str, Any]) -> View:
    """values: name, query, and maybe shared, is_default. Raises Conflict when he has one of that name already."""
    place = place_of(actor, customer)
    if place is None:
        raise Forbidden(_("Open the list of one customer: a filter is saved there."))
    if not actor.sees(place.customer_id):
        raise NotFound()
    if values.get("shared"):
        actor.must("view.share", place.customer_id)
    ready = {**values, "query": checked(values["query"]), "list_name": list_name, "owner": actor.user_id}
    with transaction():
        _check_name(actor, list_name, place, values)
        made = create(actor, View, {**ready, "customer_id": place.customer_id}, Action.VIEW_SAVED)
        _only_default(actor, made)
        return made


def change_view(actor: Actor, view_id: int, values: Mapping[str, Any], version: int | None) -> View:
    """Change name, query, shared or is_default. A shared one is changed by whoever may share."""
    view = get_view(actor, view_id)
    _must_own(actor, view, bool(values.get("shared")))
    ready = dict(values)
    if "query" in ready:
        ready["query"] = checked(ready["query"])
    place = Place(view.customer_id)
    with transaction():
        _check_name(actor, view.list_name, place, {"name": view.name, "shared": view.shared, **ready}, view.id)
        change(actor, view, ready, Action.VIEW_CHANGED, version=version)
        _only_default(actor, view)
    return view


def remove_view(actor: Actor, view_id: int, version: int | None) -> None:
    view = get_view(actor, view_id)
    _must_own(actor, view, False)
    remove(actor, view, Action.VIEW_REMOVED, version=version)


def may_change(actor: Actor, view: View) -> bool:
    return actor.can("view.share", view.customer_id) if view.shared else bool(view.owner_id == actor.user_id)


def _must_own(actor: Actor, view: View, to_be_shared: bool) -> None:
    if view.shared or to_be_shared:
        actor.must("view.share", view.customer_id)


def checked(query: Mapping[str, Any]) -> dict[str, str]:
    """What was typed into the address, without the place in the list."""
    kept = {name: text for name, text in query.items() if name not in ("cursor", "before", "view", "arrange")}
    if sum(len(name) + len(text) for name, text in kept.items()) > LONGEST:
        raise Invalid.field(
            "query", _("This is too long to be saved: %(longest)s characters at most.", longest=LONGEST)
        )
    return kept


def _check_name(actor: Actor, list_name: str, place: Place, values: Mapping[str, Any], own_id: int = 0) -> None:
    shared = bool(values.get("shared"))
    here = View.customer_id.is_null() if place.customer_id is None else View.customer_id == place.customer_id
    whose = (View.shared == True) if shared else (View.owner == actor.user_id) & (View.shared == False)  # noqa: E712
    names = visible(View, actor, View.name).where(here & (View.list_name == list_name) & whose & (View.id != own_id))
    known = [row.name for row in names]
    if values["name"] in known:
        raise Conflict(
            _("This already exists."),
            code="duplicate",
            errors={"name": [_("There is a saved filter of this name already.")]},
        )
    if len(known) >= MOST:
        raise Invalid.field("name", _("There are %(most)s saved filters for this list; delete one first.", most=MOST))


def _only_default(actor: Actor, view: View) -> None:
    """One default at most: of each user, and of all that are shared."""
    if not view.is_default:
        return
    here = View.customer_id.is_null() if view.customer_id is None else View.customer_id == view.customer_id
    whose = (View.shared == True) if view.shared else (View.owner == view.owner_id) & (View.shared == False)  # noqa: E712
    is_other = (View.id != view.id) & (View.is_default == True)  # noqa: E712 - SQL
    for other in list(visible(View, actor).where(here & (View.list_name == view.list_name) & whose & is_other)):
        change(actor, other, {"is_default": False}, Action.VIEW_CHANGED, version=ANY_VERSION)
