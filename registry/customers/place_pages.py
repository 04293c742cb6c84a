"""Pages about one site or contact of a customer: look, add, change, remove."""

from typing import Any

from flask import g, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.customers import places
from registry.customers.listing import CONTACTS, SITES
from registry.customers.models import Contact, Site
from registry.customers.pages import contacts, sites
from registry.customers.schemas import ContactChange, ContactIn, SiteChange, SiteIn
from registry.kernel.access import visible
from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.kernel.listing import Listing
from registry.kernel.locales import LANGUAGES
from registry.web.acting import pressed, sent_version
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.policy import allow
from registry.web.words.countries import countries

Page = Response | tuple[str, int]
SITE = ("name", "address", "city", "province", "country", "postal_code")
CONTACT = ("name", "email", "phone", "title", "site", "trained", "language", "notes")
MOST = 200  # people of a site on its page


def _mine(listing: Listing, row_id: int) -> dict[str, Any]:
    """The row, if it is this customer's."""
    found = listing.one(actor(), row_id)
    if found["customer"] != g.customer.slug:
        raise NotFound()
    return found


# --- Sites -------------------------------------------------------------------------------------------------


@sites.get("/sites/<int:site_id>")
@allow("customer.view")
def show_site(site_id: int) -> Page:
    return _site(site_id)


def _site(site_id: int, form: Form | None = None) -> Page:
    shown = _mine(SITES, site_id)
    there = visible(Contact, actor()).where(Contact.site == site_id).order_by(Contact.name).limit(MOST)
    around = {"site": shown, "people": list(there), "form": form}
    return render_template("customers/site.html", **around), form.status if form else 200


@sites.get("/sites/new")
@allow("customer.contacts")
def new_site() -> Page:
    return _edit_site(Form(SiteIn(), shown={}, only=SITE))


@sites.post("/sites/new")
@allow("customer.contacts")
def create_site() -> Page:
    form = Form(SiteIn(), request.form, only=SITE)
    if form.send(lambda values: places.create_site(actor(), {**values, "customer": g.customer.id})):
        return done(_("The site is added."), "sites.show_site", site_id=form.answer.id)
    return _edit_site(form)


@sites.get("/sites/<int:site_id>/edit")
@allow("customer.contacts")
def edit_site(site_id: int) -> Page:
    return _edit_site(Form(SiteChange(), shown=_mine(SITES, site_id), only=SITE), site_id)


@sites.post("/sites/<int:site_id>/edit")
@allow("customer.contacts")
def change_site(site_id: int) -> Page:
    _mine(SITES, site_id)
    form = Form(SiteChange(), request.form, only=SITE)
    if form.send(lambda values: places.change_site(actor(), site_id, values, sent_version())):
        return done(_("Saved."), "sites.show_site", site_id=site_id)
    return _edit_site(form, site_id)


def _edit_site(form: Form, site_id: int | None = None) -> Page:
    shown = SITES.one(actor(), site_id) if site_id else None
    back = url_for("sites.show_site", site_id=site_id) if site_id else url_for("sites.list_sites")
    around = {"form": form, "site": shown, "back": back, "countries": _countries(form)}
    return render_template("customers/site_form.html", **around), form.status


def _countries(form: Form) -> list[tuple[str, str]]:
    """A code that no country has any more stays a choice of its own."""
    typed, known = form.typed.get("country"), countries()
    return known if not typed or typed in dict(known) else [*known, (typed, typed)]


@sites.post("/sites/<int:site_id>/remove")
@allow("customer.contacts")
def remove_site(site_id: int) -> Page:
    _mine(SITES, site_id)
    form = pressed(lambda: places.remove_site(actor(), site_id, sent_version()))
    return done(_("The site is removed."), "sites.list_sites") if form.status == 200 else _site(site_id, form)


# --- Contacts ----------------------------------------------------------------------------------------------


@contacts.get("/contacts/<int:contact_id>")
@allow("customer.view")
def show_contact(contact_id: int) -> Page:
    return _contact(contact_id)


def _contact(contact_id: int, form: Form | None = None) -> Page:
    around = {"contact": _mine(CONTACTS, contact_id), "form": form}
    return render_template("customers/contact.html", **around), form.status if form else 200


@contacts.get("/contacts/new")
@allow("customer.contacts")
def new_contact() -> Page:
    return _edit_contact(Form(ContactIn(), shown={}, only=CONTACT))


@contacts.post("/contacts/new")
@allow("customer.contacts")
def create_contact() -> Page:
    form = Form(ContactIn(), request.form, only=CONTACT)
    if form.send(lambda values: places.create_contact(actor(), {**values, "customer": g.customer.id})):
        return done(_("The contact is added."), "contacts.show_contact", contact_id=form.answer.id)
    return _edit_contact(form)


@contacts.get("/contacts/<int:contact_id>/edit")
@allow("customer.contacts")
def edit_contact(contact_id: int) -> Page:
    return _edit_contact(Form(ContactChange(), shown=_mine(CONTACTS, contact_id), only=CONTACT), contact_id)


@contacts.post("/contacts/<int:contact_id>/edit")
@allow("customer.contacts")
def change_contact(contact_id: int) -> Page:
    _mine(CONTACTS, contact_id)
    form = Form(ContactChange(), request.form, only=CONTACT)
    if form.send(lambda values: places.change_contact(actor(), contact_id, values, sent_version())):
        return done(_("Saved."), "contacts.show_contact", contact_id=contact_id)
    return _edit_contact(form, contact_id)


def _edit_contact(form: Form, contact_id: int | None = None) -> Page:
    shown = CONTACTS.one(actor(), contact_id) if contact_id else None
    back = url_for("contacts.show_contact", contact_id=contact_id) if contact_id else url_for("contacts.list_contacts")
    names = visible(Site, actor(), Site.name).where(Site.customer_id == g.customer.id).order_by(Site.name).limit(MOST)
    around = {"contact": shown, "back": back, "spoken": LANGUAGES, "site_names": [name for (name,) in names.tuples()]}
    return render_template("customers/contact_form.html", form=form, **around), form.status


@contacts.post("/contacts/<int:contact_id>/remove")
@allow("customer.contacts")
def remove_contact(contact_id: int) -> Page:
    _mine(CONTACTS, contact_id)
    form = pressed(lambda: places.remove_contact(actor(), contact_id, sent_version()))
    if form.status == 200:
        return done(_("The contact is removed."), "contacts.list_contacts")
    return _contact(contact_id, form)
