"""The only module that a plugin imports from. What stands in __all__ is the contract, under the number API.

docs/plugins.md is the tutorial, docs/hooks.md the reference of the hooks.
"""

from dataclasses import replace
from typing import IO, Any

import pluggy
from flask import current_app, g, render_template

from registry.assets.service import asset_by, change_asset, get_asset, product_of, register_asset, set_status, status_of
from registry.assets.service import children as children_of
from registry.customers.listing import of_customer
from registry.customers.models import Customer
from registry.customers.places import contact_by
from registry.customers.service import customer_by, manager_of, today_of
from registry.hookspecs import PROJECT
from registry.kernel import clock
from registry.kernel import files as _files
from registry.kernel.access import EVERYWHERE, Actor, Owned, Shared
from registry.kernel.db import Day, Instant, transaction
from registry.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionRequired, Problem, Stale
from registry.kernel.events import emit
from registry.kernel.files import Kept, Store, copy_hashed
from registry.kernel.jobs import NotNow
from registry.kernel.language import N_, _, later, ngettext, speaking
from registry.kernel.listing import Column, Filter, equals
from registry.kernel.locales import LANGUAGES
from registry.kernel.mail import link
from registry.kernel.migrate import run_statements
from registry.kernel.money import EXPONENTS, exact
from registry.kernel.paper import GREY, Col, Paper
from registry.kernel.search import SearchSource
from registry.kernel.shapes import Currency, Date, Flag, FlagText, Line, Prose, Real, Ref, Shape, Whole, id_text
from registry.kernel.writing import ANY_VERSION, Versioned
from registry.labels.codes import grouped, new_code
from registry.labels.codes import read as read_code
from registry.notices.plugged import post
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
from registry.plugins.rows import Listing, change, create, events_of, fetch, note, remove, visible
from registry.plugins.values import settings_of
from registry.warranty.causes import CAUSE_CLASSES, CAUSES
from registry.warranty.choice import Approval
from registry.warranty.choice import Quote as AcceptedQuote
from registry.warranty.claims import coverage_of, record_decision
from registry.warranty.facts import ClaimSchema, ReadingSchema
from registry.warranty.replacing import carry_on, give_back
from registry.warranty.vocabulary import REMEDIES
from registry.web.acting import sent_version
from registry.web.amounts import minor_of, money
from registry.web.answers import if_match, json_response, thing
from registry.web.api import versioned
from registry.web.dashboard.charts import month_tick
from registry.web.dashboard.geometry import Chart
from registry.web.dashboard.geometry import Group as ChartGroup
from registry.web.dashboard.geometry import Segment as ChartSegment
from registry.web.dashboard.geometry import columns as chart_columns
from registry.web.dashboard.geometry import rows as chart_rows
from registry.web.forms import Form, done
from registry.web.identity import actor as me
from registry.web.labels import label_address
from registry.web.lists.asked import asked, one_page
from registry.web.papers.answers import saved as save_paper
from registry.web.papers.plugged import BESIDE_CODE, issuer, new_paper, postal_address, print_label
from registry.web.plugins.making import api_routes, customer_pages, house_pages
from registry.web.policy import allow, public, signed_in
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
    fit into JSON."""
    current_app.extensions["assetcare_jobs"].enqueue(job, **arguments)


__all__ = [
    "ANY_VERSION", "API", "AcceptedQuote", "Action", "Actor", "Approval", "AssetKind", "BESIDE_CODE", "CAUSES",
    "CAUSE_CLASSES", "Chart", "ChartGroup", "ChartSegment", "ClaimSchema", "Col", "Column", "Conflict", "Currency",
    "Customer", "Date", "Day", "EXPONENTS", "Event", "Filter", "Flag", "FlagText", "Forbidden", "Form", "GREY",
    "HealthCheck", "ImportFormat", "Instant", "Invalid", "Job", "Kept", "LANGUAGES", "LabelField", "LabelTemplate",
    "Line", "Listing", "MailKind", "MenuItem", "N_", "NotFound", "NotNow", "Objection", "Owned", "Panel", "Paper",
    "PluginInfo", "PluginPermission", "PreconditionRequired", "Problem", "Prose", "REMEDIES", "ReadingSchema",
    "Real", "Ref", "SearchSource", "SettingsForm", "Shape", "Shared", "Stale", "Store", "Versioned", "Whole", "_",
    "allow", "api_routes", "asked", "asset_by", "carry_on", "change", "change_asset", "chart_columns", "chart_rows",
    "children_of", "clock", "command_actor", "contact_by", "copy_hashed", "coverage_of", "create", "customer_by",
    "customer_pages", "day", "done", "drop_file", "emit", "enqueue", "equals", "events_of", "exact", "fetch",
    "get_asset", "give_back", "grouped", "here", "hook", "house_pages", "id_text", "if_match", "issuer",
    "json_response", "keep_file", "label_address", "later", "lend", "link", "manager_of", "me", "minor_of",
    "moment", "money", "month_tick", "new_code", "new_paper", "ngettext", "note", "of_customer", "one_page",
    "open_file", "post", "postal_address", "print_label", "product_of", "public", "read_code", "record_decision",
    "register_asset", "remove", "render_template", "run_statements", "save_paper", "sent_version", "set_status",
    "settings_of", "signed_in", "speaking", "status_of", "thing", "today_of", "transaction", "versioned", "visible",
]  # fmt: skip
