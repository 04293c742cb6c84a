"""The only module that a plugin imports from. What stands in __all__ is the contract, under the number API.

docs/plugins.md is the tutorial, docs/hooks.md the reference of the hooks.
"""

from dataclasses import replace
from typing import IO, Any

import pluggy
from flask import current_app, g, has_app_context, render_template

from registry.assets.service import asset_by, change_asset, get_asset, product_of, register_asset, set_status, status_of
from registry.assets.service import children as children_of
from registry.contracts.reach import units_and_cover
from registry.customers.listing import of_customer
from registry.customers.models import Customer
from registry.customers.places import contact_by
from registry.customers.service import customer_by, manager_of, today_of
from registry.handover import disclosure as _disclosure
from registry.hookspecs import PROJECT
from registry.kernel import clock, files
from registry.kernel import files as _files
from registry.kernel import tickets as _tickets
from registry.kernel.access import EVERYWHERE, Actor, Owned, Shared
from registry.kernel.db import Day, Instant, transaction
from registry.kernel.errors import Conflict, Forbidden, Invalid, NoRoom, NotFound, PreconditionRequired, Problem, Stale
from registry.kernel.events import emit
from registry.kernel.files import Kept, Store, copy_hashed
from registry.kernel.jobs import NotNow
from registry.kernel.language import N_, _, later, ngettext, speaking
from registry.kernel.listing import Column, Filter, equals
from registry.kernel.locales import LANGUAGES
from registry.kernel.locks import Taken, held
from registry.kernel.mail import link
from registry.kernel.migrate import run_statements
from registry.kernel.money import EXPONENTS, exact
from registry.kernel.paper import GREY, Col, Paper
from registry.kernel.search import SearchSource
from registry.kernel.secrets import hash_token, new_token, vault
from registry.kernel.shapes import Currency, Date, Flag, FlagText, Line, Prose, Real, Ref, Shape, Whole, id_text
from registry.kernel.throttle import Limit, network_of, take
from registry.kernel.writing import ANY_VERSION, Versioned
from registry.labels.codes import grouped, new_code
from registry.labels.codes import read as read_code
from registry.licences.service import get_licence, licence_by
from registry.notices.correspondents import Correspondent, correspondent, correspondents
from registry.notices.plugged import post, post_to
from registry.optics.claiming import claim_facts
from registry.people.passwords import check_password, hash_password
from registry.people.reaching import Member, people_at
from registry.plugins.keys import unnamed as unnamed_files
from registry.plugins.links import by_token
from registry.plugins.records import (
    API,
    Action,
    AssetKind,
    Event,
    HealthCheck,
    ImportFormat,
    Job,
    LabelField,
    LabelTemplate,
    MailKind,
    MenuItem,
    Objection,
    Panel,
    PluginInfo,
    PluginPermission,
    SettingsForm,
)
from registry.plugins.rows import (
    Listing,
    change,
    create,
    create_many,
    events_of,
    fetch,
    note,
    of_the_house,
    remove,
    visible,
)
from registry.plugins.totals import sum_over_all
from registry.plugins.values import settings_of
from registry.plugins.vocabulary import Vocabulary
from registry.products.models import Product
from registry.products.service import product_by
from registry.warranty.causes import CAUSE_CLASSES, CAUSES
from registry.warranty.choice import Approval
from registry.warranty.choice import Quote as AcceptedQuote
from registry.warranty.claims import coverage_of, record_decision
from registry.warranty.facts import ClaimSchema, ReadingSchema
from registry.warranty.replacing import carry_on, give_back
from registry.warranty.vocabulary import REMEDIES
from registry.web.acting import pressed, sent_version
from registry.web.amounts import minor_of, money
from registry.web.answers import if_match, json_response, thing
from registry.web.api import versioned
from registry.web.dashboard.charts import month_tick
from registry.web.dashboard.geometry import Chart
from registry.web.dashboard.geometry import Group as ChartGroup
from registry.web.dashboard.geometry import Segment as ChartSegment
from registry.web.dashboard.geometry import columns as chart_columns
from registry.web.dashboard.geometry import rows as chart_rows
from registry.web.flows.body import at_length, body, db_again
from registry.web.flows.sending import bytes_asked, send_pieces, send_stored
from registry.web.forms import Form, done
from registry.web.headers import connect_to
from registry.web.identity import actor as me
from registry.web.labels import label_address
from registry.web.lists.asked import asked, one_page
from registry.web.papers.answers import saved as save_paper
from registry.web.papers.plugged import BESIDE_CODE, issuer, new_paper, postal_address, print_label
from registry.web.plugins.making import api_routes, customer_pages, house_pages
from registry.web.policy import allow, by_address, public, signed_in
from registry.web.shell import day, moment

hook = pluggy.HookimplMarker(PROJECT)


def here() -> Customer:
    """The customer whose page this is: `id`, `slug`, `name`, `time_zone`, `currency`. On customer_pages only."""
    return g.customer  # type: ignore[no-any-return]


def command_actor() -> Actor:
    """Who runs a command: everything is his to do, and the audit chain names him."""
    from registry.cli import operator_actor

    return operator_actor()


def lend(actor: Actor, customer_id: int, *permissions: str) -> Actor:
    """The same person with further rights at one customer, for a verb of the core that the plugin's own rules have
    let him do. The audit chain names him, and nobody else. Raises NotFound for a customer whom he does not see."""
    if not actor.sees(customer_id):
        raise NotFound()
    held = actor.grants.get(EVERYWHERE, frozenset()) | actor.grants.get(customer_id, frozenset())
    return replace(actor, grants={customer_id: held | frozenset(permissions)})


def disclosure_scope(name: str, title: str) -> None:
    """A kind of data that a customer can approve to be given to third parties, beside the core's lists."""
    _disclosure.SCOPES[name] = title


def disclose(actor: Actor, customer_id: int, recipient: str, what: str) -> int:
    """Put a disclosure of `what` (a disclosure_scope) to the third party `recipient` on the audit chain; answers the id
    of the customer's approval that it rests on. Without one, given and stored before and still in force: Forbidden with
    the code no_approval, and the refusal is on the chain. Outside of a transaction, before anything leaves."""
    return _disclosure.check(actor, customer_by(actor, customer_id), recipient, what).id  # type: ignore[no-any-return]


def may_disclose(customer_id: int, recipient: str, what: str) -> int | None:
    """The id of the approval on which such a disclosure would rest now, if there is one. Nothing is written down."""
    return _disclosure.may_go(customer_by(Actor.system(customer_id), customer_id), recipient, what)


def keep_file(customer_id: int, stream: IO[bytes]) -> tuple[str, str, int]:
    """Put what `stream` brings into the customer's part of the file store: (key, SHA-256, bytes). The column that holds
    the key stands in FILES of its model, so that the file is handed over and erased with the customer."""
    kept = _files.store().put(_files.new_key(customer_id), stream)
    return kept.key, kept.sha256, kept.size


def open_file(key: str) -> IO[bytes]:
    """What keep_file() kept. Raises NotFound."""
    return _files.store().open(key)


def drop_file(key: str) -> None:
    _files.store().delete(key)


def enqueue(job: str, **arguments: Any) -> None:
    """Have the worker do a job that the plugin declared, as part of the transaction if there is one. `arguments` must
    fit into JSON. Called in a job or a command it takes a few seconds longer until the worker hears of it."""
    if has_app_context():
        current_app.extensions["assetcare_jobs"].enqueue(job, **arguments)
    else:
        _tickets.issue(job, arguments)


__all__ = [
    "ANY_VERSION", "API", "AcceptedQuote", "Action", "Actor", "Approval", "AssetKind", "BESIDE_CODE", "CAUSES",
    "CAUSE_CLASSES", "Chart", "ChartGroup", "ChartSegment", "ClaimSchema", "Col", "Column", "Conflict", "Correspondent",
    "Currency", "Customer", "Date", "Day", "EXPONENTS", "Event", "Filter", "Flag", "FlagText", "Forbidden", "Form",
    "GREY", "HealthCheck", "ImportFormat", "Instant", "Invalid", "Job", "Kept", "LANGUAGES", "LabelField",
    "LabelTemplate", "Limit", "Line", "Listing", "MailKind", "Member", "MenuItem", "N_", "NoRoom", "NotFound", "NotNow",
    "Objection", "Owned", "Panel", "Paper", "PluginInfo", "PluginPermission", "PreconditionRequired", "Problem",
    "Product", "Prose", "REMEDIES", "ReadingSchema", "Real", "Ref", "SearchSource", "SettingsForm", "Shape", "Shared",
    "Stale", "Store", "Taken", "Versioned", "Vocabulary", "Whole", "_", "allow", "api_routes", "asked", "asset_by",
    "at_length", "body", "by_address", "by_token", "bytes_asked", "carry_on", "change", "change_asset", "chart_columns",
    "chart_rows", "check_password", "children_of", "claim_facts", "clock", "command_actor", "connect_to", "contact_by",
    "copy_hashed", "correspondent", "correspondents", "coverage_of", "create", "create_many", "customer_by",
    "customer_pages", "day", "db_again", "disclose", "disclosure_scope", "done", "drop_file", "emit", "enqueue",
    "equals", "events_of", "exact", "fetch", "files", "get_asset", "get_licence", "give_back", "grouped",
    "hash_password", "hash_token", "held", "here", "hook", "house_pages", "id_text", "if_match", "issuer",
    "json_response", "keep_file", "label_address", "later", "lend", "licence_by", "link", "manager_of", "may_disclose",
    "me", "minor_of", "moment", "money", "month_tick", "network_of", "new_code", "new_paper", "new_token", "ngettext",
    "note", "of_customer", "of_the_house", "one_page", "open_file", "people_at", "post", "post_to", "postal_address",
    "pressed", "print_label", "product_by", "product_of", "public", "read_code", "record_decision", "register_asset",
    "remove", "render_template", "run_statements", "save_paper", "send_pieces", "send_stored", "sent_version",
    "set_status", "settings_of", "signed_in", "speaking", "status_of", "sum_over_all", "take", "thing", "today_of",
    "transaction", "units_and_cover", "unnamed_files", "vault", "versioned", "visible",
]  # fmt: skip
