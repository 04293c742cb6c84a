"""Pages about webhooks: of a customer (/c/<slug>/notices/webhooks), and of the house (/settings/webhooks)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.kernel.errors import NotFound
from registry.kernel.language import N_, _
from registry.notices import webhooks
from registry.notices.pages import pages as customers
from registry.notices.webhook_events import GROUPS
from registry.notices.webhook_listing import DELIVERIES, WEBHOOKS
from registry.notices.webhook_models import Webhook, WebhookDelivery
from registry.notices.webhook_schemas import WebhookChange, WebhookIn
from registry.web.acting import pressed, sent_version
from registry.web.forms import Form, done
from registry.web.house import pages as house
from registry.web.identity import actor
from registry.web.lists.asked import asked, one_page
from registry.web.policy import allow
from registry.web.words.codes import word

Page = Response | tuple[str, int]
View = Callable[..., Page]
FIELDS = ("name", "url", "events", "enabled")
LATEST = 25


def _both(rule: str, name: str, method: str = "GET", *, sudo: bool = False) -> Callable[[View], View]:
    """Serve it at a customer and in the house, each for those who may set webhooks up there."""

    def add(view: View) -> View:
        here = wraps(view)(lambda **values: view(**values))
        there = wraps(view)(lambda **values: view(**{name.removeprefix("house_"): one for name, one in values.items()}))
        of_house = f"/webhooks{rule}".replace("<int:", "<int:house_")
        customers.add_url_rule(
            f"/notices/webhooks{rule}", name, allow("webhook.edit", sudo=sudo)(here), methods=[method]
        )
        house.add_url_rule(of_house, name, allow("webhook.house", sudo=sudo)(there), methods=[method])
        return view

    return add


def _here() -> int | None:
    return g.customer.id if "customer" in g else None


def _at(name: str, **values: Any) -> str:
    """The address of a page of the same place; ids are called otherwise in the house, where they are no customer's."""
    named = values if _here() else {f"house_{key}": value for key, value in values.items()}
    return url_for(f"{request.blueprint}.{name}", **named)


def _back(text: str, webhook_id: int) -> Response:
    flash(text)
    return redirect(_at("show_webhook", webhook_id=webhook_id), 303)


def _mine(webhook_id: int) -> Webhook:
    found = webhooks.get_webhook(actor(), webhook_id)
    if found.customer_id != _here():
        raise NotFound()
    return found


def _around() -> dict[str, Any]:
    return {"at": _at, "house": _here() is None, "may_name": _here() is None or not actor().is_operator}


@_both("", "list_webhooks")
def list_webhooks() -> Page:
    """The house's own; a customer's stand on the page about its notices, too."""
    rows = WEBHOOKS.page(actor(), {"limit": 500, **({"customer": _here()} if _here() else {})})["items"]
    mine = [row for row in rows if _here() or row["customer"] is None]
    return render_template("notices/webhooks.html", webhooks=mine, **_around()), 200


@_both("/new", "new_webhook", sudo=True)
def new_webhook() -> Page:
    return _form_page(Form(WebhookIn(), shown={"enabled": True, "events": ["asset.*"]}, only=FIELDS))


@_both("/new", "create_webhook", "POST", sudo=True)
def create_webhook() -> Page:
    form = Form(WebhookIn(), request.form, only=FIELDS)
    if form.send(lambda values: webhooks.create_webhook(actor(), {**values, "customer": _here()})):
        made, secret = form.answer
        return _page(made.id, secret=secret)
    return _form_page(form)


@_both("/<int:webhook_id>/edit", "edit_webhook", sudo=True)
def edit_webhook(webhook_id: int) -> Page:
    webhook = _mine(webhook_id)
    shown = {name: getattr(webhook, name) for name in FIELDS}
    return _form_page(Form(WebhookChange(), shown=shown, only=FIELDS), webhook)


@_both("/<int:webhook_id>/edit", "change_webhook", "POST", sudo=True)
def change_webhook(webhook_id: int) -> Page:
    webhook = _mine(webhook_id)
    form = Form(WebhookChange(), request.form, only=FIELDS)
    if form.send(lambda values: webhooks.change_webhook(actor(), webhook_id, values, sent_version())):
        return _back(_("Saved."), webhook_id)
    return _form_page(form, webhook)


def _form_page(form: Form, webhook: Webhook | None = None) -> Page:
    """Groups of events, and besides them whatever single events the webhook has been given by a program."""
    kept = webhook.events if webhook else []
    single = [name for name in kept if name not in GROUPS]
    offered = [group for group in GROUPS if _here() is None or group not in OF_HOUSE or group in kept]
    choices = [*((group, _group_word(group)) for group in offered), *((name, word("done", name)) for name in single)]
    return render_template(
        "notices/webhook_form.html", form=form, webhook=webhook, choices=choices, **_around()
    ), form.status


GROUP_WORDS = {"user": "app_user", "custody": "custody_task", "disclosure": "disclosure_approval",
               "import": "import_session", "notice": "notice_run", "policy": "service_policy",
               "calendar": "calendar_feed", "view": "saved_view", "barcode": "asset_barcode",
               "label": "label_code"}  # fmt: skip
OTHER_GROUPS = {"export": N_("Exports"), "installation": N_("Installation")}
# What happens in the house alone: a customer's webhook would never hear of it.
OF_HOUSE = frozenset({"asset_status.*", "installation.*", "mail.*", "mail_text.*", "policy.*"})


def _group_word(group: str) -> str:
    kind = group.removesuffix(".*")
    kind = GROUP_WORDS.get(kind, kind)
    return _(OTHER_GROUPS[kind]) if kind in OTHER_GROUPS else word("thing", kind)


@_both("/<int:webhook_id>", "show_webhook")
def show_webhook(webhook_id: int) -> Page:
    return _page(webhook_id)


def _page(webhook_id: int, form: Form | None = None, secret: str | None = None) -> Page:
    """`secret` was just made; `form`: a button that was refused."""
    _mine(webhook_id)
    wanted = asked(DELIVERIES.arguments())
    page = one_page(actor(), DELIVERIES, wanted, webhook=webhook_id, limit=LATEST, sort="-id")
    shown = WEBHOOKS.one(actor(), webhook_id)
    names = {group: _group_word(group) for group in GROUPS}
    around = {"webhook": shown, "page": page, "wanted": wanted, "form": form, "secret": secret, "names": names}
    return render_template("notices/webhook.html", **around, **_around()), form.status if form else wanted.status


@_both("/<int:webhook_id>/switch", "switch_webhook", "POST", sudo=True)
def switch_webhook(webhook_id: int) -> Page:
    on = request.form.get("on") == "true"
    _mine(webhook_id)
    form = pressed(lambda: webhooks.change_webhook(actor(), webhook_id, {"enabled": on}, sent_version()))
    text = _("Switched on.") if on else _("Switched off. What was on its way is given up.")
    return _back(text, webhook_id) if form.status == 200 else _page(webhook_id, form)


@_both("/<int:webhook_id>/ping", "ping_webhook", "POST")
def ping_webhook(webhook_id: int) -> Page:
    _mine(webhook_id)
    form = pressed(lambda: webhooks.ping(actor(), webhook_id))
    if form.status == 200:
        return _back(_("A test is on its way. Reload in a moment to see how it went."), webhook_id)
    return _page(webhook_id, form)


@_both("/<int:webhook_id>/secret", "renew_secret", "POST", sudo=True)
def renew_secret(webhook_id: int) -> Page:
    _mine(webhook_id)
    return _page(webhook_id, secret=webhooks.renew_secret(actor(), webhook_id)[1])


@_both("/<int:webhook_id>/remove", "remove_webhook", "POST")
def remove_webhook(webhook_id: int) -> Page:
    _mine(webhook_id)
    form = pressed(lambda: webhooks.remove_webhook(actor(), webhook_id, sent_version()))
    return (
        done(_("The webhook is removed."), f"{request.blueprint}.list_webhooks")
        if form.status == 200
        else _page(webhook_id, form)
    )


@_both("/<int:webhook_id>/deliveries/<int:delivery_id>/again", "send_again", "POST")
def send_again(webhook_id: int, delivery_id: int) -> Page:
    _mine(webhook_id)
    if (
        not webhooks.deliveries(actor())
        .where(WebhookDelivery.id == delivery_id, WebhookDelivery.webhook == webhook_id)
        .exists()
    ):
        raise NotFound()
    form = pressed(lambda: webhooks.send_again(actor(), delivery_id))
    return _back(_("It is on its way once more."), webhook_id) if form.status == 200 else _page(webhook_id, form)
