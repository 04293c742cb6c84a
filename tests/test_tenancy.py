"""Nobody sees or touches what another company owns: every route, everybody, and whatever can stand in a body."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from registry.kernel import clock
from registry.kernel.listing import LISTINGS
from registry.kernel.throttle import Limit
from registry.people.models import Token
from registry.people.roles import permissions_of
from registry.web import identity
from registry.web.lists.exports_api import plural
from registry.web.policy import Policy, policy_of
from tests.houses import House, Person
from tests.two_companies import CANARY, HOUSE_WEBHOOK, Companies, Ids, a_file, a_reading, fingerprint, upload

# --- The table: how to call each route ---------------------------------------------------------------------

Body = Callable[[Ids], Any]


@dataclass(frozen=True)
class Call:
    """How to call a route with a company's ids. `kind` says whose the thing is that the address names:

    object: a company's · list: what one may see · create: for the company in the body · house: the operator's ·
    own: the caller's · public: nobody's.
    """

    kind: str
    body: Body | None = None
    query: str = ""
    reads: bool = False  # changes nothing that belongs to anybody, though it is no GET


PARAMETERS = {
    "slug": "slug", "site_id": "site", "contact_id": "contact", "product_id": "product", "document_id": "document",
    "asset_id": "asset", "file_id": "file", "field_id": "field", "licence_id": "licence", "assignment_id": "assignment",
    "terms_id": "terms",
    "warranty_id": "warranty", "contract_id": "contract", "line_id": "line", "duty_id": "duty", "session_id": "session",
    "user_id": "user", "token_id": "token",
    "package_id": "package", "approval_id": "approval", "task_id": "task", "item_id": "item",
    "webhook_id": "webhook", "delivery_id": "delivery",
    "optic_id": "module", "proof_id": "optic_proof", "batch_id": "optic_batch", "profile_id": "optic_profile",
    "image_id": "optic_image",
    "label_id": "label", "barcode_id": "barcode", "sheet_id": "sheet", "free_label": "free_label",
    "rma_line_id": "rma_line", "rma_case_id": "rma_case", "rma_quote_id": "rma_quote", "rma_track_id": "rma_track",
    "transfer_id": "transfer", "recipient_id": "recipient", "sendbig_file_id": "sendbig_file",
    "file_request_id": "file_request",
    "release_grant_id": "release_grant",
    "machine_id": "machine", "machine_token_id": "machine_token", "view_id": "view", "saved_id": "saved",
}  # fmt: skip
HOUSE_PARAMETERS = {
    "name": "mail_test",
    "plugin": "rma",
    "language": "en",
    "secret": "none",
    "erasure_id": 1,
    "house_webhook_id": HOUSE_WEBHOOK,
    "house_sheet_id": HOUSE_WEBHOOK,
    "label": "2222222222222",  # a sound code, and nobody's
    "house_delivery_id": HOUSE_WEBHOOK,
    "sign_in_id": 1,
    "passkey_id": 1,
    "part": "edit",
    "own_token_id": 1,
    "filename": "none.css",
    "kind": "assets",
    "proof": "passkeys",
    "form": "csv",
    "to": "quoted",
    "photo_number": 2,
    "rma_paper": "form",
    "part_number": 1,
    "release_id": HOUSE_WEBHOOK,
    "release_file_id": HOUSE_WEBHOOK,
}

GET, LIST = Call("object"), Call("list")
# For whoever comes with a link to files, or to a place for them, and has no account.
SENDBIG_PUBLIC = (
    "GET /x/sendbig/flow/t/<secret>/<int:sendbig_file_id>", "GET /x/sendbig/flow/t/<secret>/all.zip",
    "GET /x/sendbig/flow/t/<secret>/<int:sendbig_file_id>/preview", "POST /x/sendbig/t/<secret>/password",
    "POST /x/sendbig/r/<secret>/password", "POST /x/sendbig/r/<secret>/visit", "POST /x/sendbig/r/<secret>/finished",
    "POST /x/sendbig/flow/requests/<secret>/files", "GET /x/sendbig/uploads/<secret>/parts/<int:part_number>",
    "GET /x/sendbig/t/<secret>", "GET /x/sendbig/r/<secret>", "GET /x/sendbig/r/<secret>/files",
    *(f"{method} /x/sendbig/flow/uploads/<secret>" for method in ("PATCH", "POST", "DELETE")),
)  # fmt: skip
V1 = "/api/v1"
MODULE_TEXT = "Identifier : 0x03 (SFP)\nVendor name : ACME\nVendor PN : X\nVendor SN : new\n"
TERMS_BODY = {"coverages": [{"remedy": "repair", "period": "P1Y"}]}
DECISION = {"remedy": "repair", "charge": False, "charge_reason": "owed", "contract": "none", "on": "2026-06-01",
            "cause": "module"}  # fmt: skip
DRAFT = {"start_basis": "delivery", "covers_causes": "non_human", "coverages-0-remedy": "repair",
         "coverages-0-count": "1", "coverages-0-unit": "Y"}  # fmt: skip
SHEET = {"name": "new", "page_wide": 100, "page_high": 50, "wide": 50, "high": 40}
PARTIES = {"customer_party": "a", "our_party": "b", "agreed_on": "2026-02-01"}


def slugged(**values: Any) -> Body:
    return lambda w: {"customer": w["slug"], **values}


CALLS: dict[str, Call] = {
    "GET /": Call("list"),
    "GET /dashboard": Call("house"),
    "GET /c/<slug>/assets/<int:asset_id>/certificate.pdf": GET,
    "GET /c/<slug>/sites/<int:site_id>/assets.pdf": GET,
    f"GET {V1}/assets/<int:asset_id>/certificate.pdf": GET,
    f"GET {V1}/sites/<int:site_id>/assets.pdf": GET,
    "GET /find": Call("list", query="q=canary"),
    "GET /c/<slug>": GET,
    "GET /c/<slug>/assets": GET,
    "GET /c/<slug>/assets/<int:asset_id>": GET,
    "GET /assets": LIST,
    "GET /licences": LIST,
    "GET /warranties": LIST,
    "GET /contracts": LIST,
    "GET /sites": LIST,
    "GET /contacts": LIST,
    "GET /c/<slug>/lists/<kind>.<any(csv, xlsx):form>": GET,
    "GET /c/<slug>/lists/<kind>/views": GET,
    "POST /c/<slug>/lists/<kind>/views": Call("object", reads=True),
    "POST /c/<slug>/lists/<kind>/views/<int:saved_id>": GET,
    "POST /c/<slug>/lists/<kind>/views/<int:saved_id>/remove": GET,
    "GET /c/<slug>/lists/<kind>/bulk": Call("object", query="all=true"),
    "POST /c/<slug>/lists/<kind>/bulk": GET,
    "GET /lists/<kind>.<any(csv, xlsx):form>": LIST,
    "GET /lists/<kind>/views": Call("own"),
    "POST /lists/<kind>/views": Call("own", reads=True),
    "POST /lists/<kind>/views/<int:saved_id>": GET,
    "POST /lists/<kind>/views/<int:saved_id>/remove": GET,
    f"GET {V1}/views": LIST,
    f"POST {V1}/views": Call("own", reads=True),  # whose it may be: tests/views
    f"GET {V1}/views/<int:view_id>": GET,
    f"PATCH {V1}/views/<int:view_id>": Call("object", lambda w: {"name": "x"}),
    f"DELETE {V1}/views/<int:view_id>": GET,
    "GET /c/<slug>/imports": GET,
    "GET /c/<slug>/imports/new": GET,
    "POST /c/<slug>/imports/new": Call("object", lambda w: upload(w["slug"], "name\nnew\n")),
    "GET /c/<slug>/imports/examples": GET,
    "GET /c/<slug>/imports/examples/<kind>.<any(csv, xlsx):form>": GET,
    "GET /c/<slug>/imports/<int:session_id>": GET,
    "GET /c/<slug>/imports/<int:session_id>/columns": GET,
    "POST /c/<slug>/imports/<int:session_id>/columns": Call("object", lambda w: {"mode": "mixed", "f0": "name"}),
    "POST /c/<slug>/imports/<int:session_id>/reading": Call("object", lambda w: {}),
    "POST /c/<slug>/imports/<int:session_id>/saved-mapping": Call("object", lambda w: {"saved_mapping": "x"}),
    "POST /c/<slug>/imports/<int:session_id>/apply": Call("object", lambda w: {}),
    "POST /c/<slug>/imports/<int:session_id>/discard": Call("object", lambda w: {}),
    "GET /c/<slug>/imports/<int:session_id>/problems.csv": GET,
    "GET /c/<slug>/imports/<int:session_id>/undo": GET,
    "POST /c/<slug>/imports/<int:session_id>/undo": Call("object", lambda w: {}),
    "GET /c/<slug>/licences": GET,
    "GET /L/<label>": Call("public"),
    "GET /l/<label>": Call("public"),
    "GET /scan": Call("own", query="q=nothing"),
    "GET /scan/alone": Call("public"),
    "GET /scan/worker.js": Call("public"),
    "GET /labels/claim/<free_label>": Call("object", query="q=-SN"),
    "POST /labels/claim/<free_label>": Call("object", lambda w: {"asset": w["optic"]}),
    "GET /labels": Call("house"),
    "POST /labels/batches": Call("house", lambda w: {"count": "1"}),
    "GET /labels/print": Call("house", query="batch=of-the-house"),
    "POST /labels/print": Call("house", lambda w: {"batch": "of-the-house"}),
    "GET /labels/ruler.pdf": Call("house"),
    "GET /labels/sheets/new": Call("house"),
    "POST /labels/sheets/new": Call("house", lambda w: dict(SHEET)),
    "GET /labels/sheets/<int:house_sheet_id>": Call("house"),
    "POST /labels/sheets/<int:house_sheet_id>": Call("house", lambda w: {"left": "1", "version": "1"}),
    "POST /labels/sheets/<int:house_sheet_id>/remove": Call("house"),
    "GET /c/<slug>/labels": GET,
    "POST /c/<slug>/labels/batches": Call("object", lambda w: {"count": "1"}),
    "GET /c/<slug>/labels/print": Call("object", query="id=1"),
    "POST /c/<slug>/labels/print": Call("object", lambda w: {"ids": str(w["asset"])}),
    "GET /c/<slug>/labels/ruler.pdf": GET,
    "GET /c/<slug>/labels/sheets/new": GET,
    "POST /c/<slug>/labels/sheets/new": Call("object", lambda w: dict(SHEET)),
    "GET /c/<slug>/labels/sheets/<int:sheet_id>": GET,
    "POST /c/<slug>/labels/sheets/<int:sheet_id>": Call("object", lambda w: {"left": "1", "version": "1"}),
    "POST /c/<slug>/labels/sheets/<int:sheet_id>/remove": GET,
    "GET /c/<slug>/assets/<int:asset_id>/labels": GET,
    "POST /c/<slug>/assets/<int:asset_id>/labels": GET,
    "POST /c/<slug>/assets/<int:asset_id>/labels/claim": Call("object", lambda w: {"code": w["free_label"]}),
    "POST /c/<slug>/assets/<int:asset_id>/labels/<int:label_id>/reissue": Call("object", lambda w: {"version": "1"}),
    "POST /c/<slug>/assets/<int:asset_id>/labels/<int:label_id>/revoke": Call("object", lambda w: {"version": "1"}),
    "POST /c/<slug>/assets/<int:asset_id>/barcodes": Call("object", lambda w: {"text": "new"}),
    "POST /c/<slug>/assets/<int:asset_id>/barcodes/<int:barcode_id>/remove": GET,
    f"GET {V1}/label-codes": LIST,
    f"POST {V1}/label-codes": Call("create", lambda w: {"asset": w["optic"]}),
    f"POST {V1}/label-codes/claim": Call("create", lambda w: {"code": w["free_label"], "asset": w["optic"]}),
    f"GET {V1}/label-codes/<int:label_id>": GET,
    f"POST {V1}/label-codes/<int:label_id>/revoke": Call("object", lambda w: {}),
    f"POST {V1}/label-codes/<int:label_id>/reissue": GET,
    f"POST {V1}/label-batches": Call("create", slugged(count=1)),
    f"GET {V1}/labels/resolve": Call("list", query="q=CANARY-SN"),
    f"POST {V1}/labels/print": Call("create", lambda w: {"customer": w["slug"], "assets": [w["optic"]]}),
    f"GET {V1}/asset-barcodes": LIST,
    f"POST {V1}/asset-barcodes": Call("create", lambda w: {"asset": w["asset"], "text": "new"}),
    f"GET {V1}/asset-barcodes/<int:barcode_id>": GET,
    f"DELETE {V1}/asset-barcodes/<int:barcode_id>": GET,
    f"GET {V1}/label-scans": LIST,
    f"GET {V1}/label-sheets": LIST,
    f"POST {V1}/label-sheets": Call("create", lambda w: {"customer": w["slug"], **SHEET}),
    f"GET {V1}/label-sheets/<int:sheet_id>": GET,
    f"PATCH {V1}/label-sheets/<int:sheet_id>": Call("object", lambda w: {"left": 1}),
    f"DELETE {V1}/label-sheets/<int:sheet_id>": GET,
    "GET /c/<slug>/warranties": GET,
    "GET /c/<slug>/contracts": GET,
    "GET /c/<slug>/sites": GET,
    "GET /c/<slug>/contacts": GET,
    "GET /c/<slug>/people": GET,
    "GET /products": Call("list"),
    "GET /products/new": Call("list"),
    "POST /products/new": Call("create", lambda w: {"customer": w["slug"], "kind": "hardware", "name": "new page"}),
    "GET /products/<int:product_id>": GET,
    "GET /products/<int:product_id>/edit": GET,
    "POST /products/<int:product_id>/edit": Call("object", lambda w: {"version": 1, "name": "x"}),
    "POST /products/<int:product_id>/documents": Call("object", lambda w: {"kind": "guide", "title": "x"}),
    "POST /products/<int:product_id>/documents/<int:document_id>/remove": GET,
    "GET /terms": LIST,
    "GET /terms/new": Call("house"),
    "POST /terms/new": Call("house", lambda w: {"code": "new-page", "name": "x", **DRAFT}),
    "POST /terms/preview": Call("house", lambda w: DRAFT, reads=True),
    "GET /terms/<int:terms_id>": GET,
    "GET /terms/<int:terms_id>/edit": GET,
    "POST /terms/<int:terms_id>/edit": Call("object", lambda w: {"version": 1, **DRAFT}),
    "GET /c/<slug>/warranties/new": GET,
    "POST /c/<slug>/warranties/new": Call("object", lambda w: {
        "asset": f"#{w['asset']}", "terms": f"#{w['terms']}", "starts_on": "2026-01-01"}),
    "GET /c/<slug>/warranties/<int:warranty_id>": GET,
    "GET /c/<slug>/warranties/<int:warranty_id>/extend": GET,
    "POST /c/<slug>/warranties/<int:warranty_id>/extend": Call("object", lambda w: {
        "version": 1, "by": "P1Y", "reason": "x"}),
    "GET /c/<slug>/warranties/<int:warranty_id>/void": GET,
    "POST /c/<slug>/warranties/<int:warranty_id>/void": Call("object", lambda w: {"version": 1, "reason": "x"}),
    "GET /c/<slug>/warranties/<int:warranty_id>/move": GET,
    "POST /c/<slug>/warranties/<int:warranty_id>/move": Call("object", lambda w: {
        "version": 1, "asset": f"#{w['optic']}", "on": "2026-06-01"}),
    "GET /c/<slug>/contracts/new": GET,
    "POST /c/<slug>/contracts/new": Call("object", lambda w: {
        "number": "new-page", "title": "x", "starts_on": "2026-01-01"}),
    "GET /c/<slug>/contracts/<int:contract_id>": GET,
    "GET /c/<slug>/contracts/<int:contract_id>/edit": GET,
    "POST /c/<slug>/contracts/<int:contract_id>/edit": Call("object", lambda w: {"version": 1, "title": "x"}),
    "GET /c/<slug>/contracts/<int:contract_id>/renew": GET,
    "POST /c/<slug>/contracts/<int:contract_id>/renew": Call("object", lambda w: {"version": 1}),
    "GET /c/<slug>/contracts/<int:contract_id>/terminate": GET,
    "POST /c/<slug>/contracts/<int:contract_id>/terminate": Call("object", lambda w: {
        "version": 1, "terminated_on": "2026-06-30"}),
    "GET /c/<slug>/contracts/<int:contract_id>/lines": GET,
    "GET /c/<slug>/contracts/<int:contract_id>/lines/new": GET,
    "POST /c/<slug>/contracts/<int:contract_id>/lines/new": Call("object", lambda w: {"covers": "everything"}),
    "GET /c/<slug>/contracts/<int:contract_id>/lines/<int:line_id>/edit": GET,
    "POST /c/<slug>/contracts/<int:contract_id>/lines/<int:line_id>/edit": Call("object", lambda w: {
        "version": 1, "note": "x"}),
    "POST /c/<slug>/contracts/<int:contract_id>/lines/<int:line_id>/remove": Call("object", lambda w: {"version": 1}),
    "GET /c/<slug>/contracts/<int:contract_id>/duties": GET,
    "GET /c/<slug>/contracts/<int:contract_id>/duties/new": GET,
    "POST /c/<slug>/contracts/<int:contract_id>/duties/new": Call("object", lambda w: {
        "kind": "patrol", "title": "x", "due_on": "2026-05-01"}),
    "GET /c/<slug>/contracts/<int:contract_id>/duties/<int:duty_id>/done": GET,
    "POST /c/<slug>/contracts/<int:contract_id>/duties/<int:duty_id>/done": Call("object", lambda w: {"done_by": "x"}),
    "POST /c/<slug>/contracts/<int:contract_id>/duties/<int:duty_id>/remove": Call("object", lambda w: {"version": 1}),
    "GET /c/<slug>/licences/new": GET,
    "POST /c/<slug>/licences/new": Call("object", lambda w: {
        "product": f"#{w['product']}", "name": "new page", "metric": "install"}),
    "GET /c/<slug>/licences/<int:licence_id>": GET,
    "GET /c/<slug>/licences/<int:licence_id>/edit": GET,
    "POST /c/<slug>/licences/<int:licence_id>/edit": Call("object", lambda w: {"version": 1, "notes": "x"}),
    "GET /c/<slug>/licences/<int:licence_id>/end": GET,
    "POST /c/<slug>/licences/<int:licence_id>/end": Call("object", lambda w: {"version": 1, "ends_on": "2027-01-01"}),
    "POST /c/<slug>/licences/<int:licence_id>/remove": Call("object", lambda w: {"version": 1}),
    "POST /c/<slug>/licences/<int:licence_id>/key": GET,
    "POST /c/<slug>/licences/<int:licence_id>/assignments": Call("object", lambda w: {
        "contact": f"#{w['contact']}"}),
    "POST /c/<slug>/licences/<int:licence_id>/assignments/<int:assignment_id>/release": GET,
    "GET /users": Call("list"),
    "GET /c/<slug>/assets/new": GET,
    "POST /c/<slug>/assets/new": Call("object", lambda w: {"product": "COMMON", "serial": "new", "where": "place"}),
    "GET /c/<slug>/assets/<int:asset_id>/<any(edit, status, move, assign, dates):part>": GET,
    "POST /c/<slug>/assets/<int:asset_id>/<any(edit, status, move, assign, dates):part>": Call("object", lambda w: {
        "version": "1", "product": "COMMON", "name": "x"}),
    "GET /c/<slug>/assets/<int:asset_id>/remove": GET,
    "POST /c/<slug>/assets/<int:asset_id>/remove": GET,
    "GET /c/<slug>/assets/<int:asset_id>/history": GET,
    "GET /c/<slug>/assets/<int:asset_id>/qr.svg": GET,
    "GET /c/<slug>/assets/<int:asset_id>/files": GET,
    "POST /c/<slug>/assets/<int:asset_id>/files": Call("object", lambda w: {"kind": "photo", "file": a_file()}),
    "GET /c/<slug>/assets/<int:asset_id>/files/<int:file_id>": GET,
    "POST /c/<slug>/assets/<int:asset_id>/files/<int:file_id>/remove": GET,
    "GET /c/<slug>/assets/<int:asset_id>/warranties/new": GET,
    "POST /c/<slug>/assets/<int:asset_id>/warranties/new": Call("object", lambda w: {
        "terms": f"{w['slug']}-terms", "starts_on": "2026-01-01"}),
    "GET /c/<slug>/lookup/product": GET,
    "GET /c/<slug>/lookup/asset": GET,
    "GET /c/<slug>/lookup/contact": GET,
    "GET /c/<slug>/lookup/site": GET,
    "GET /c/<slug>/lookup/licence": GET,
    "GET /account/calendar": Call("own"),
    "POST /account/calendar": Call("own", reads=True),
    "POST /account/calendar/remove": Call("own", reads=True),
    "POST /account/notices": Call("own", reads=True),
    "POST /c/<slug>/account-manager": GET,
    "GET /c/<slug>/contacts/<int:contact_id>": GET,
    "GET /c/<slug>/contacts/<int:contact_id>/edit": GET,
    "POST /c/<slug>/contacts/<int:contact_id>/edit": GET,
    "POST /c/<slug>/contacts/<int:contact_id>/remove": GET,
    "GET /c/<slug>/contacts/new": GET,
    "POST /c/<slug>/contacts/new": GET,
    "GET /c/<slug>/edit": GET,
    "POST /c/<slug>/edit": GET,
    "GET /c/<slug>/handover": GET,
    "GET /c/<slug>/handover/approvals/<int:approval_id>": GET,
    "POST /c/<slug>/handover/approvals/<int:approval_id>/revoke": GET,
    "GET /c/<slug>/handover/approvals/new": GET,
    "POST /c/<slug>/handover/approvals/new": GET,
    "GET /c/<slug>/handover/custody/<int:task_id>": GET,
    "POST /c/<slug>/handover/custody/<int:task_id>/close": GET,
    "POST /c/<slug>/handover/custody/<int:task_id>/finish": GET,
    "POST /c/<slug>/handover/custody/<int:task_id>/items": GET,
    "POST /c/<slug>/handover/custody/<int:task_id>/items/<int:item_id>/settle": GET,
    "GET /c/<slug>/handover/custody/new": GET,
    "POST /c/<slug>/handover/custody/new": GET,
    "GET /c/<slug>/handover/erase": GET,
    "POST /c/<slug>/handover/erase": GET,
    "GET /c/<slug>/handover/leaving": GET,
    "POST /c/<slug>/handover/leaving": GET,
    "POST /c/<slug>/handover/leaving/cancel": GET,
    "POST /c/<slug>/handover/packages": GET,
    "GET /c/<slug>/handover/packages/<int:package_id>": GET,
    "GET /c/<slug>/handover/packages/<int:package_id>/file": GET,
    "GET /c/<slug>/history": GET,
    "POST /c/<slug>/history/check": Call("object", reads=True),
    "GET /c/<slug>/notices": GET,
    "POST /c/<slug>/notices/mine": Call("object", reads=True),
    "GET /c/<slug>/notices/plan": GET,
    "POST /c/<slug>/notices/plan": GET,
    "GET /c/<slug>/notices/webhooks": GET,
    "GET /c/<slug>/notices/webhooks/<int:webhook_id>": GET,
    "POST /c/<slug>/notices/webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/again": GET,
    "GET /c/<slug>/notices/webhooks/<int:webhook_id>/edit": GET,
    "POST /c/<slug>/notices/webhooks/<int:webhook_id>/edit": GET,
    "POST /c/<slug>/notices/webhooks/<int:webhook_id>/ping": GET,
    "POST /c/<slug>/notices/webhooks/<int:webhook_id>/remove": GET,
    "POST /c/<slug>/notices/webhooks/<int:webhook_id>/secret": GET,
    "POST /c/<slug>/notices/webhooks/<int:webhook_id>/switch": GET,
    "GET /c/<slug>/notices/webhooks/new": GET,
    "POST /c/<slug>/notices/webhooks/new": GET,
    "POST /c/<slug>/people/<int:machine_id>/tokens": GET,
    "POST /c/<slug>/people/<int:machine_id>/tokens/<int:machine_token_id>/revoke": GET,
    "GET /c/<slug>/people/<int:user_id>": GET,
    "POST /c/<slug>/people/<int:user_id>/activate": GET,
    "POST /c/<slug>/people/<int:user_id>/deactivate": GET,
    "POST /c/<slug>/people/<int:user_id>/invite": GET,
    "POST /c/<slug>/people/<int:user_id>/proofs/<proof>/remove": GET,
    "POST /c/<slug>/people/<int:user_id>/remove": GET,
    "POST /c/<slug>/people/<int:user_id>/role": GET,
    "POST /c/<slug>/people/<int:user_id>/sign-out": GET,
    "POST /c/<slug>/people/<int:user_id>/withdraw": GET,
    "GET /c/<slug>/people/new": GET,
    "POST /c/<slug>/people/new": GET,
    "GET /c/<slug>/sites/<int:site_id>": GET,
    "GET /c/<slug>/sites/<int:site_id>/edit": GET,
    "POST /c/<slug>/sites/<int:site_id>/edit": GET,
    "POST /c/<slug>/sites/<int:site_id>/remove": GET,
    "GET /c/<slug>/sites/new": GET,
    "POST /c/<slug>/sites/new": GET,
    "GET /customers/new": Call("house"),
    "POST /customers/new": Call("house"),
    "GET /history": LIST,
    "POST /history/check": Call("house", reads=True),
    "GET /settings": Call("house"),
    "GET /settings/erasures": Call("house"),
    "GET /settings/erasures/<int:erasure_id>": Call("house"),
    "GET /settings/erasures/<int:erasure_id>/certificate": Call("house"),
    "GET /settings/fields": Call("house"),
    "POST /settings/fields": Call("house"),
    "POST /settings/fields/<int:field_id>/remove": GET,
    "GET /settings/health": Call("house"),
    "GET /settings/installation": Call("house"),
    "GET /settings/mail-texts": Call("house"),
    "GET /settings/mail-texts/<name>/<language>": Call("house"),
    "POST /settings/mail-texts/<name>/<language>": Call("house"),
    "POST /settings/mail-texts/<name>/<language>/restore": Call("house"),
    "GET /settings/policies": Call("house"),
    "GET /settings/policies/<code>": Call("house"),
    "POST /settings/policies/<code>": Call("house"),
    "GET /settings/policies/new": Call("house"),
    "POST /settings/policies/new": Call("house"),
    "GET /settings/statuses": Call("house"),
    "POST /settings/statuses": Call("house"),
    "POST /settings/statuses/<code>": Call("house"),
    "GET /settings/plugins": Call("house"),
    "GET /settings/plugins/<plugin>": Call("house"),
    "POST /settings/plugins/<plugin>/on": Call("house"),
    "POST /settings/plugins/<plugin>/off": Call("house"),
    "POST /settings/plugins/<plugin>/customers": Call("house"),
    "GET /settings/plugins/<plugin>/settings": Call("house"),
    "POST /settings/plugins/<plugin>/settings": Call("house"),
    "GET /c/<slug>/plugins": GET,
    "GET /c/<slug>/plugins/<plugin>": GET,
    "POST /c/<slug>/plugins/<plugin>": GET,
    "GET /settings/webhooks": Call("house"),
    "GET /settings/webhooks/<int:house_webhook_id>": Call("house"),
    "POST /settings/webhooks/<int:house_webhook_id>/deliveries/<int:house_delivery_id>/again": Call("house"),
    "GET /settings/webhooks/<int:house_webhook_id>/edit": Call("house"),
    "POST /settings/webhooks/<int:house_webhook_id>/edit": Call("house"),
    "POST /settings/webhooks/<int:house_webhook_id>/ping": Call("house"),
    "POST /settings/webhooks/<int:house_webhook_id>/remove": Call("house"),
    "POST /settings/webhooks/<int:house_webhook_id>/secret": Call("house"),
    "POST /settings/webhooks/<int:house_webhook_id>/switch": Call("house"),
    "GET /settings/webhooks/new": Call("house"),
    "POST /settings/webhooks/new": Call("house"),
    "POST /users/<int:machine_id>/tokens": GET,
    "POST /users/<int:machine_id>/tokens/<int:machine_token_id>/revoke": GET,
    "GET /users/<int:user_id>": GET,
    "POST /users/<int:user_id>/activate": GET,
    "POST /users/<int:user_id>/deactivate": GET,
    "POST /users/<int:user_id>/invite": GET,
    "POST /users/<int:user_id>/proofs/<proof>/remove": GET,
    "POST /users/<int:user_id>/remove": GET,
    "POST /users/<int:user_id>/role": GET,
    "POST /users/<int:user_id>/sign-out": GET,
    "POST /users/<int:user_id>/withdraw": GET,
    "GET /users/new": Call("house"),
    "POST /users/new": Call("house"),
    "GET /sign-in": Call("public"),
    "POST /sign-in": Call("public", reads=True),
    "POST /sign-out": Call("own", reads=True),
    "GET /sign-in/second-step": Call("public"),
    "POST /sign-in/second-step": Call("public", reads=True),
    "GET /account": Call("own"),
    "GET /account/confirm": Call("own"),
    "POST /account/confirm": Call("own", reads=True),
    "POST /account/profile": Call("own", reads=True),
    "POST /account/language": Call("own", reads=True),
    "GET /account/password": Call("own"),
    "POST /account/password": Call("own", reads=True),
    "GET /account/second-factor": Call("own"),
    "POST /account/second-factor": Call("own", reads=True),
    "POST /account/second-factor/confirm": Call("own", reads=True),
    "POST /account/second-factor/remove": Call("own", reads=True),
    "POST /account/recovery-codes": Call("own", reads=True),
    "POST /account/sessions/<int:sign_in_id>/end": Call("own", reads=True),
    "POST /account/sessions/end-others": Call("own", reads=True),
    "POST /account/tokens": Call("own", reads=True),
    "POST /account/tokens/<int:own_token_id>/revoke": Call("own", reads=True),
    "GET /sign-in/provider": Call("public"),
    "GET /sign-in/provider/back": Call("public"),
    "POST /sign-in/passkey/options": Call("public", reads=True),
    "POST /sign-in/passkey": Call("public", reads=True),
    "POST /sign-in/second/passkey/options": Call("public", reads=True),
    "POST /sign-in/second/passkey": Call("public", reads=True),
    "GET /invitation/<secret>": Call("public"),
    "POST /invitation/<secret>": Call("public", reads=True),
    "GET /forgot": Call("public"),
    "POST /forgot": Call("public", reads=True),
    "GET /reset/<secret>": Call("public"),
    "POST /reset/<secret>": Call("public", reads=True),
    "GET /confirm/<secret>": Call("public"),
    "POST /confirm/<secret>": Call("public", reads=True),
    "POST /account/email": Call("own", reads=True),
    "POST /account/confirm/passkey/options": Call("own", reads=True),
    "POST /account/confirm/passkey": Call("own", reads=True),
    "POST /account/passkeys/options": Call("own", reads=True),
    "POST /account/passkeys": Call("own", reads=True),
    "POST /account/passkeys/<int:passkey_id>/name": Call("own", reads=True),
    "POST /account/passkeys/<int:passkey_id>/remove": Call("own", reads=True),
    "GET /static/<path:filename>": Call("public"),
    "GET /healthz": Call("public"),
    "GET /readyz": Call("public"),
    "GET /metrics": Call("public"),
    f"GET {V1}/openapi.json": Call("public"),
    f"GET {V1}/docs": Call("own"),
    f"GET {V1}/me": Call("own"),
    f"PATCH {V1}/me": Call("own", lambda w: {}, reads=True),
    f"POST {V1}/me/confirm": Call("own", lambda w: {"password": "x"}, reads=True),
    f"POST {V1}/me/password": Call("own", lambda w: {"new_password": "x"}, reads=True),
    f"GET {V1}/me/second-factor": Call("own"),
    f"POST {V1}/me/second-factor": Call("own", reads=True),
    f"DELETE {V1}/me/second-factor": Call("own", reads=True),
    f"POST {V1}/me/second-factor/confirm": Call("own", lambda w: {"code": "000000"}, reads=True),
    f"POST {V1}/me/recovery-codes": Call("own", reads=True),
    f"GET {V1}/sessions": Call("own"),
    f"DELETE {V1}/sessions/<int:sign_in_id>": Call("own", reads=True),
    f"POST {V1}/sessions/end-others": Call("own", reads=True),
    f"GET {V1}/tokens": Call("own"),
    f"POST {V1}/tokens": Call("own", lambda w: {"name": "made in the walk", "scope": ["read"]}, reads=True),
    f"DELETE {V1}/tokens/<int:token_id>": GET,
    f"GET {V1}/search": Call("list", query="q=canary"),
    f"GET {V1}/exports/<kind>.<any(csv, json, xlsx):form>": LIST,
    f"GET {V1}/audit": LIST,
    f"GET {V1}/audit/verify": LIST,
    f"GET {V1}/users": LIST,
    f"POST {V1}/users": Call("create", slugged(email="new@example.com", role="reader")),
    f"GET {V1}/users/<int:user_id>": GET,
    f"PATCH {V1}/users/<int:user_id>": Call("object", lambda w: {"name": "x"}),
    f"PUT {V1}/users/<int:user_id>/role": Call("object", lambda w: {"role": "reader"}),
    f"POST {V1}/users/<int:user_id>/role/remove": Call("object", lambda w: {}),
    f"POST {V1}/users/<int:user_id>/deactivate": GET,
    f"POST {V1}/users/<int:user_id>/activate": GET,
    f"GET {V1}/users/<int:user_id>/invitation": GET,
    f"POST {V1}/users/<int:user_id>/invitation": GET,
    f"DELETE {V1}/users/<int:user_id>/invitation": GET,
    f"POST {V1}/users/<int:user_id>/end-sessions": GET,
    f"GET {V1}/users/<int:user_id>/proofs": GET,
    f"DELETE {V1}/users/<int:user_id>/proofs/<proof>": GET,
    f"GET {V1}/users/<int:machine_id>/tokens": GET,
    f"POST {V1}/users/<int:machine_id>/tokens": Call("object", lambda w: {"name": "made in the walk", "days": 1}),
    f"DELETE {V1}/users/<int:machine_id>/tokens/<int:machine_token_id>": GET,
    f"GET {V1}/customers": LIST,
    f"POST {V1}/customers": Call("house", lambda w: {"slug": "new", "name": "New"}),
    f"GET {V1}/customers/<slug>": GET,
    f"PATCH {V1}/customers/<slug>": Call("object", lambda w: {"name": "x"}),
    f"GET {V1}/customers/<slug>/policy": GET,
    f"GET {V1}/customers/<slug>/account-manager": GET,
    f"PUT {V1}/customers/<slug>/account-manager": Call("object", lambda w: {"user": 1}),
    f"GET {V1}/policies": LIST,
    f"POST {V1}/policies": Call("house", lambda w: {"code": "new", "name": "New"}),
    f"PATCH {V1}/policies/<code>": Call("house", lambda w: {"name": "x"}),
    f"GET {V1}/sites": LIST,
    f"POST {V1}/sites": Call("create", slugged(name="new")),
    f"GET {V1}/sites/<int:site_id>": GET,
    f"PATCH {V1}/sites/<int:site_id>": Call("object", lambda w: {"city": "x"}),
    f"DELETE {V1}/sites/<int:site_id>": GET,
    f"GET {V1}/contacts": LIST,
    f"POST {V1}/contacts": Call("create", slugged(name="new")),
    f"GET {V1}/contacts/<int:contact_id>": GET,
    f"PATCH {V1}/contacts/<int:contact_id>": Call("object", lambda w: {"title": "x"}),
    f"DELETE {V1}/contacts/<int:contact_id>": GET,
    f"GET {V1}/products": LIST,
    f"POST {V1}/products": Call("create", slugged(kind="hardware", name="new")),
    f"GET {V1}/products/<int:product_id>": GET,
    f"PATCH {V1}/products/<int:product_id>": Call("object", lambda w: {"notes": "x"}),
    f"GET {V1}/products/<int:product_id>/documents": GET,
    f"POST {V1}/products/<int:product_id>/documents": Call("object", lambda w: {"kind": "guide", "title": "x"}),
    f"DELETE {V1}/products/documents/<int:document_id>": GET,
    f"GET {V1}/assets": LIST,
    f"POST {V1}/assets": Call("create", slugged(product="COMMON", serial="new")),
    f"POST {V1}/assets/bulk": Call("create", lambda w: {"items": [{"id": w["asset"], "version": 1, "name": "x"}]}),
    f"GET {V1}/assets/<int:asset_id>": GET,
    f"PATCH {V1}/assets/<int:asset_id>": Call("object", lambda w: {"name": "x"}),
    f"POST {V1}/assets/<int:asset_id>/retire": Call("object", lambda w: {}),
    f"GET {V1}/assets/<int:asset_id>/coverage": GET,
    f"POST {V1}/assets/<int:asset_id>/coverage": Call("object", lambda w: {"on": "2026-06-01"}, reads=True),
    f"GET {V1}/assets/<int:asset_id>/decisions": GET,
    f"POST {V1}/assets/<int:asset_id>/decisions": Call("object", lambda w: DECISION),
    f"GET {V1}/assets/<int:asset_id>/agreed-functions": GET,
    f"GET {V1}/assets/<int:asset_id>/contracts": GET,
    f"GET {V1}/assets/<int:asset_id>/files": GET,
    f"POST {V1}/assets/<int:asset_id>/files": Call("object", lambda w: {"kind": "photo", "file": a_file()}),
    f"GET {V1}/assets/<int:asset_id>/files/<int:file_id>": GET,
    f"DELETE {V1}/assets/<int:asset_id>/files/<int:file_id>": GET,
    f"GET {V1}/asset-statuses": LIST,
    f"POST {V1}/asset-statuses": Call("house", lambda w: {"code": "new", "name": "New", "meta": "in_use"}),
    f"PATCH {V1}/asset-statuses/<code>": Call("house", lambda w: {"name": "x"}),
    f"GET {V1}/asset-fields": LIST,
    f"POST {V1}/asset-fields": Call("create", slugged(name="new", title="New", type="text")),
    f"DELETE {V1}/asset-fields/<int:field_id>": GET,
    f"GET {V1}/licences": LIST,
    f"POST {V1}/licences": Call("create", lambda w: {
        "customer": w["slug"], "product": w["product"], "name": "new", "metric": "install"}),
    f"GET {V1}/licences/<int:licence_id>": GET,
    f"PATCH {V1}/licences/<int:licence_id>": Call("object", lambda w: {"notes": "x"}),
    f"DELETE {V1}/licences/<int:licence_id>": GET,
    f"POST {V1}/licences/<int:licence_id>/key": GET,
    f"GET {V1}/licences/<int:licence_id>/assignments": GET,
    f"POST {V1}/licences/<int:licence_id>/assignments": Call("object", lambda w: {"contact": w["contact"]}),
    f"POST {V1}/licences/<int:licence_id>/assignments/<int:assignment_id>/release": Call("object", lambda w: {}),
    f"GET {V1}/licences/<int:licence_id>/coverage": GET,
    f"POST {V1}/licences/<int:licence_id>/coverage": Call("object", lambda w: {"on": "2026-06-01"}, reads=True),
    f"GET {V1}/licences/<int:licence_id>/agreed-functions": GET,
    f"GET {V1}/licences/<int:licence_id>/contracts": GET,
    f"POST {V1}/agreed-functions": Call("create", lambda w: {"licence": w["licence"], "name": "f", **PARTIES}),
    f"GET {V1}/warranty-terms": LIST,
    f"POST {V1}/warranty-terms": Call("create", slugged(code="new", name="New", copy_of="hardware")),
    f"GET {V1}/warranty-terms/<int:terms_id>": GET,
    f"GET {V1}/warranty-terms/<int:terms_id>/versions": GET,
    f"POST {V1}/warranty-terms/<int:terms_id>/versions": Call("object", lambda w: {"body": TERMS_BODY}),
    f"GET {V1}/warranties": LIST,
    f"POST {V1}/warranties": Call("create", lambda w: {
        "asset": w["asset"], "terms": w["terms"], "starts_on": "2026-01-01"}),
    f"POST {V1}/warranties/bulk": Call("create", lambda w: {
        "assets": [w["asset"]], "terms": w["terms"], "starts_on": "2026-01-01"}),
    f"GET {V1}/warranties/<int:warranty_id>": GET,
    f"POST {V1}/warranties/<int:warranty_id>/extend": Call("object", lambda w: {"by": "P1Y", "reason": "x"}),
    f"POST {V1}/warranties/<int:warranty_id>/void": Call("object", lambda w: {"reason": "x"}),
    f"POST {V1}/warranties/<int:warranty_id>/transfer": Call("object", lambda w: {
        "asset": w["optic"], "on": "2026-06-01"}),
    f"GET {V1}/contracts": LIST,
    f"POST {V1}/contracts": Call("create", slugged(number="new", title="New", starts_on="2026-01-01")),
    f"GET {V1}/contracts/<int:contract_id>": GET,
    f"PATCH {V1}/contracts/<int:contract_id>": Call("object", lambda w: {"title": "x"}),
    f"POST {V1}/contracts/<int:contract_id>/renew": Call("object", lambda w: {}),
    f"POST {V1}/contracts/<int:contract_id>/terminate": Call("object", lambda w: {"terminated_on": "2026-06-30"}),
    f"GET {V1}/contracts/<int:contract_id>/lines": GET,
    f"POST {V1}/contracts/<int:contract_id>/lines": Call("object", lambda w: {"everything": True}),
    f"PATCH {V1}/contracts/<int:contract_id>/lines/<int:line_id>": Call("object", lambda w: {"note": "x"}),
    f"DELETE {V1}/contracts/<int:contract_id>/lines/<int:line_id>": GET,
    f"GET {V1}/contracts/<int:contract_id>/duties": GET,
    f"POST {V1}/contracts/<int:contract_id>/duties": Call("object", lambda w: {
        "kind": "patrol", "title": "x", "due_on": "2026-05-01"}),
    f"DELETE {V1}/contracts/<int:contract_id>/duties/<int:duty_id>": GET,
    f"POST {V1}/contracts/<int:contract_id>/duties/<int:duty_id>/done": Call("object", lambda w: {}),
    f"GET {V1}/imports": LIST,
    f"POST {V1}/imports": Call("create", lambda w: upload(w["slug"], "name\nnew\n")),
    f"GET {V1}/imports/<int:session_id>": GET,
    f"DELETE {V1}/imports/<int:session_id>": GET,
    f"GET {V1}/imports/<int:session_id>/changes": GET,
    f"POST {V1}/imports/<int:session_id>/apply": GET,
    f"POST {V1}/imports/<int:session_id>/undo": GET,
    f"GET {V1}/import-mappings": LIST,
    f"POST {V1}/import-mappings": Call("create", slugged(kind="sites", name="new", columns={"a": "name"})),
    f"GET {V1}/packages": LIST,
    f"POST {V1}/customers/<slug>/packages": Call("object", lambda w: {}),
    f"GET {V1}/packages/<int:package_id>": GET,
    f"GET {V1}/packages/<int:package_id>/file": GET,
    f"GET {V1}/disclosure-approvals": LIST,
    f"POST {V1}/disclosure-approvals": Call("create", slugged(recipient="x", purpose="x", scope=["assets"])),
    f"GET {V1}/disclosure-approvals/<int:approval_id>": GET,
    f"POST {V1}/disclosure-approvals/<int:approval_id>/revoke": Call("object", lambda w: {"reason": "x"}),
    f"GET {V1}/custody-tasks": LIST,
    f"POST {V1}/custody-tasks": Call("create", slugged(title="new")),
    f"GET {V1}/custody-tasks/<int:task_id>": GET,
    f"POST {V1}/custody-tasks/<int:task_id>/items": Call("object", lambda w: {
        "what": "x", "kind": "media", "taken_from": "x"}),
    f"POST {V1}/custody-tasks/<int:task_id>/finish": GET,
    f"POST {V1}/custody-tasks/<int:task_id>/close": GET,
    f"GET {V1}/custody-items": LIST,
    f"GET {V1}/custody-items/<int:item_id>": GET,
    f"POST {V1}/custody-items/<int:item_id>/return": Call("object", lambda w: {"returned_to": "x"}),
    f"POST {V1}/custody-items/<int:item_id>/deletion": Call("object", lambda w: {"deletion_method": "x"}),
    f"GET {V1}/customers/<slug>/departure": GET,
    f"PUT {V1}/customers/<slug>/departure": Call("object", lambda w: {"reference": "x"}),
    f"DELETE {V1}/customers/<slug>/departure": GET,
    f"POST {V1}/customers/<slug>/erasure": Call("object", lambda w: {"confirm": "not his name"}),
    f"GET {V1}/erasures": Call("house"),
    f"GET {V1}/erasures/<int:erasure_id>": Call("house"),
    f"GET {V1}/erasures/<int:erasure_id>/certificate": Call("house"),
    "GET /c/<slug>/x/rma/lines": GET,
    "GET /c/<slug>/x/rma/lines/<int:rma_line_id>": GET,
    "GET /c/<slug>/x/rma/lines/<int:rma_line_id>/to/<to>": GET,
    "POST /c/<slug>/x/rma/lines/<int:rma_line_id>/to/<to>": Call("object", lambda w: {"version": "2", "reason": "x"}),
    "GET /c/<slug>/x/rma/lines/<int:rma_line_id>/photos/<int:photo_number>": GET,
    "POST /c/<slug>/x/rma/lines/<int:rma_line_id>/confirm": GET,
    "GET /c/<slug>/x/rma/lines/<int:rma_line_id>/papers/<rma_paper>.pdf": GET,
    "GET /c/<slug>/x/rma/assets/<int:asset_id>/maintenance.pdf": GET,
    "GET /c/<slug>/x/rma/assets/<int:asset_id>/maintenance.csv": GET,
    "GET /c/<slug>/x/rma/assets/<int:asset_id>/claims/new": GET,
    "POST /c/<slug>/x/rma/assets/<int:asset_id>/claims/new": Call("object", lambda w: {"fault": "x"}),
    **{
        f"{method} /c/<slug>/x/rma/lines/<int:rma_line_id>/{what}": GET
        for method in ("GET", "POST")
        for what in ("test", "quote", "record", "refund", "overrule", "track")
    },
    "POST /c/<slug>/x/rma/quotes/<int:rma_quote_id>/accept": GET,
    "POST /c/<slug>/x/rma/quotes/<int:rma_quote_id>/decline": GET,
    "POST /c/<slug>/x/rma/tracks/<int:rma_track_id>/to/<to>": Call("object", lambda w: {"version": "1"}),
    "GET /c/<slug>/x/rma/statistics": Call("object", query="by=serial"),
    "GET /c/<slug>/x/rma/statistics.csv": Call("object", query="by=serial"),
    "GET /x/rma/lines": LIST,
    "GET /x/rma/statistics": Call("list", query="by=serial"),
    "GET /x/rma/statistics.csv": Call("list", query="by=serial"),
    "GET /x/rma/prices": Call("house"),
    "POST /x/rma/prices": Call("house", lambda w: {"code": "x", "title": "x", "amount": "1", "currency": "USD"}),
    f"GET {V1}/x/rma/lines": LIST,
    f"POST {V1}/x/rma/cases": Call("create", lambda w: {"lines": [{"asset": w["optic"], "fault": "x"}]}),
    f"GET {V1}/x/rma/cases/<int:rma_case_id>": GET,
    f"POST {V1}/x/rma/cases/<int:rma_case_id>/confirmation": GET,
    f"GET {V1}/x/rma/lines/<int:rma_line_id>": GET,
    f"PATCH {V1}/x/rma/lines/<int:rma_line_id>": Call("object", lambda w: {"fault": "x"}),
    f"POST {V1}/x/rma/lines/<int:rma_line_id>/moves": Call("object", lambda w: {"to": "inspecting"}),
    f"POST {V1}/x/rma/lines/<int:rma_line_id>/overruling": Call("object", lambda w: {"remedy": "none", "reason": "x"}),
    f"POST {V1}/x/rma/lines/<int:rma_line_id>/tests": Call("object", lambda w: {
        "readings": [{"parameter": "x", "value": 1, "limit_min": 0}]}),
    f"POST {V1}/x/rma/lines/<int:rma_line_id>/records": Call("object", lambda w: {"action": "x"}),
    f"POST {V1}/x/rma/lines/<int:rma_line_id>/quotes": Call("object", lambda w: {
        "items": [{"text": "x", "unit_minor": 1}], "deviation": "x"}),
    f"POST {V1}/x/rma/lines/<int:rma_line_id>/refund": Call("object", lambda w: {
        "kind": "refund", "amount_minor": 1, "currency": "USD", "reference": "x"}),
    f"POST {V1}/x/rma/lines/<int:rma_line_id>/tracks": Call("object", lambda w: {"kind": "loaner", "serial": "x"}),
    f"POST {V1}/x/rma/quotes/<int:rma_quote_id>/acceptance": Call("object", lambda w: {}),
    f"POST {V1}/x/rma/quotes/<int:rma_quote_id>/refusal": Call("object", lambda w: {}),
    f"POST {V1}/x/rma/tracks/<int:rma_track_id>/moves": Call("object", lambda w: {"to": "out"}),
    f"GET {V1}/x/rma/assets/<int:asset_id>/records": GET,
    f"GET {V1}/x/rma/assets/<int:asset_id>/maintenance.pdf": GET,
    f"GET {V1}/x/rma/lines/<int:rma_line_id>/papers": GET,
    f"GET {V1}/x/rma/lines/<int:rma_line_id>/papers/<rma_paper>.pdf": GET,
    f"GET {V1}/x/rma/prices": Call("list", query="customer=acme"),
    f"POST {V1}/x/rma/prices": Call("create", slugged(code="x", title="x", amount_minor=1, currency="USD")),
    f"GET {V1}/x/rma/statistics": Call("list", query="by=serial"),
    "GET /c/<slug>/x/sendbig/patches": GET,
    "GET /c/<slug>/x/sendbig/patches/<int:release_id>": GET,
    "POST /c/<slug>/x/sendbig/patches/<int:release_id>/installed": Call("object", lambda w: {"asset": w["asset"]}),
    "GET /c/<slug>/x/sendbig/flow/patches/<int:release_file_id>": GET,
    "GET /c/<slug>/x/sendbig/patches/versions": GET,
    "POST /c/<slug>/x/sendbig/patches/versions": Call("object", lambda w: {"csv": f"{w['asset']},1.0"}),
    **{
        f"{method} /c/<slug>/x/sendbig/patches/{what}": Call(
            "object", (lambda w: {"installed_version": "1.3"}) if method == "POST" else None
        )
        for method in ("GET", "POST")
        for what in ("assets/<int:asset_id>", "licences/<int:licence_id>")
    },
    "GET /x/sendbig/releases": Call("house"),
    "GET /x/sendbig/releases/products": Call("house", query="q=common"),
    "GET /x/sendbig/releases/new": Call("house"),
    "POST /x/sendbig/releases/new": Call("house", lambda w: {"title": "x", "product": "COMMON", "version_name": "2"}),
    **{f"GET /x/sendbig/releases/<int:release_id>{what}": Call("house")
       for what in ("", "/edit", "/files", "/customers", "/units", "/takings")},
    **{f"POST /x/sendbig/releases/<int:release_id>/{what}": Call("house", lambda w: {"version": "1", "reason": "x"})
       for what in ("edit", "publish", "withdraw", "remove")},
    "POST /x/sendbig/releases/<int:release_id>/grants": Call("house", lambda w: {
        "customer": w["slug"], "email": "x@acme.example", "why": "x"}),
    "POST /x/sendbig/release-grants/<int:release_grant_id>/revoke": Call("object", lambda w: {"version": "1"}),
    "POST /x/sendbig/release-files/<int:release_file_id>": Call("house", lambda w: {"version": "1", "kind": "patch"}),
    "POST /x/sendbig/release-files/<int:release_file_id>/remove": Call("house", lambda w: {"version": "1"}),
    "GET /x/sendbig/flow/release-files/<int:release_file_id>": Call("house"),
    f"GET {V1}/x/sendbig/releases": Call("house"),
    f"POST {V1}/x/sendbig/releases": Call("house", lambda w: {"title": "x", "product": "COMMON"}),
    **{f"GET {V1}/x/sendbig/releases/<int:release_id>{what}": Call("house")
       for what in ("", "/numbers", "/customers", "/units", "/grants")},
    f"PATCH {V1}/x/sendbig/releases/<int:release_id>": Call("house", lambda w: {"note": "x"}),
    f"DELETE {V1}/x/sendbig/releases/<int:release_id>": Call("house"),
    f"POST {V1}/x/sendbig/releases/<int:release_id>/publication": Call("house"),
    f"POST {V1}/x/sendbig/releases/<int:release_id>/withdrawal": Call("house", lambda w: {"reason": " "}),
    f"POST {V1}/x/sendbig/releases/<int:release_id>/grants": Call("house", lambda w: {
        "customer": w["slug"], "email": "x@acme.example", "reason": "x"}),
    f"PATCH {V1}/x/sendbig/release-files/<int:release_file_id>": Call("house", lambda w: {"kind": "patch"}),
    f"DELETE {V1}/x/sendbig/release-files/<int:release_file_id>": Call("house"),
    f"DELETE {V1}/x/sendbig/grants/<int:release_grant_id>": GET,
    f"GET {V1}/x/sendbig/takings": Call("house"),
    f"GET {V1}/x/sendbig/offers": Call("create", query="customer=acme"),
    f"GET {V1}/x/sendbig/offers/<int:release_id>": Call("create", query="customer=acme"),
    f"POST {V1}/x/sendbig/offers/<int:release_id>/receipts": Call("create", lambda w: {
        "customer": w["slug"], "asset": w["asset"]}),
    f"GET {V1}/x/sendbig/receipts": LIST,
    f"GET {V1}/x/sendbig/versions": LIST,
    f"PUT {V1}/x/sendbig/versions": Call("create", lambda w: {
        "customer": w["slug"], "asset": w["asset"], "version": "1.4"}),
    f"POST {V1}/x/sendbig/versions/batch": Call("create", lambda w: {
        "customer": w["slug"], "items": [{"asset": w["asset"], "version": "1.5"}]}),
    **dict.fromkeys(SENDBIG_PUBLIC, Call("public")),
    "GET /x/sendbig/transfers": LIST,
    **{f"GET /c/<slug>/x/sendbig/{what}": GET for what in (
        "transfers", "transfers/new", "transfers/<int:transfer_id>", "transfers/<int:transfer_id>/edit",
        "transfers/<int:transfer_id>/files", "requests", "requests/new", "requests/<int:file_request_id>")},
    "POST /c/<slug>/x/sendbig/transfers/new": Call("object", lambda w: {"title": "new", "by_hand": "true"}),
    "POST /c/<slug>/x/sendbig/requests/new": Call("object", lambda w: {"title": "new"}),
    **{f"POST /c/<slug>/x/sendbig/{what}": Call("object", lambda w: {
        "version": "1", "title": "x", "expires_in_days": "5"})
       for what in (*(f"transfers/<int:transfer_id>/{verb}" for verb in ("edit", "send", "revoke", "remove", "extend",
                                                                          "recipients")),
                    "recipients/<int:recipient_id>/revoke", "recipients/<int:recipient_id>/resend",
                    "files/<int:sendbig_file_id>/remove",
                    "requests/<int:file_request_id>/close", "requests/<int:file_request_id>/extend")},
    "POST /x/sendbig/flow/transfers/<int:transfer_id>/files": GET,
    "POST /x/sendbig/flow/releases/<int:release_id>/files": Call("house"),
    "GET /c/<slug>/x/sendbig/flow/files/<int:sendbig_file_id>": GET,
    "GET /c/<slug>/x/sendbig/flow/files/<int:sendbig_file_id>/preview": GET,
    "GET /c/<slug>/x/sendbig/flow/transfers/<int:transfer_id>/all.zip": GET,
    f"GET {V1}/x/sendbig/transfers": LIST,
    f"POST {V1}/x/sendbig/transfers": Call("create", slugged(title="new")),
    f"GET {V1}/x/sendbig/transfers/<int:transfer_id>": GET,
    f"PATCH {V1}/x/sendbig/transfers/<int:transfer_id>": Call("object", lambda w: {"title": "x"}),
    f"DELETE {V1}/x/sendbig/transfers/<int:transfer_id>": GET,
    f"POST {V1}/x/sendbig/transfers/<int:transfer_id>/sending": GET,
    f"POST {V1}/x/sendbig/transfers/<int:transfer_id>/extension": Call("object", lambda w: {"expires_in_days": 5}),
    f"POST {V1}/x/sendbig/transfers/<int:transfer_id>/revocation": GET,
    f"POST {V1}/x/sendbig/transfers/<int:transfer_id>/recipients": Call("object", lambda w: {"email": "x@x.example"}),
    f"DELETE {V1}/x/sendbig/recipients/<int:recipient_id>": GET,
    f"POST {V1}/x/sendbig/recipients/<int:recipient_id>/mail": GET,
    f"GET {V1}/x/sendbig/recipients/<int:recipient_id>/link": GET,
    f"DELETE {V1}/x/sendbig/files/<int:sendbig_file_id>": GET,
    f"GET {V1}/x/sendbig/file-requests": LIST,
    f"POST {V1}/x/sendbig/file-requests": Call("create", slugged(title="new")),
    f"GET {V1}/x/sendbig/file-requests/<int:file_request_id>": GET,
    f"GET {V1}/x/sendbig/file-requests/<int:file_request_id>/link": GET,
    f"POST {V1}/x/sendbig/file-requests/<int:file_request_id>/extension": Call(
        "object", lambda w: {"expires_in_days": 5}),
    f"POST {V1}/x/sendbig/file-requests/<int:file_request_id>/closing": GET,
    "GET /calendar/<secret>.ics": Call("public"),
    "GET /unsubscribe/<secret>": Call("public"),
    "POST /unsubscribe/<secret>": Call("public"),
    f"GET {V1}/customers/<slug>/notice-plan": GET,
    f"PUT {V1}/customers/<slug>/notice-plan": Call("object", lambda w: {"enabled": True, "users": [w["user"]]}),
    f"GET {V1}/notices": LIST,
    f"GET {V1}/me/notices": Call("own"),
    f"PUT {V1}/me/notices": Call("own", lambda w: {"muted": []}, reads=True),
    f"GET {V1}/me/calendar": Call("own"),
    f"POST {V1}/me/calendar": Call("own", reads=True),
    f"DELETE {V1}/me/calendar": Call("own", reads=True),
    f"GET {V1}/mail-texts": Call("house"),
    f"GET {V1}/mail-texts/<name>/<language>": Call("house"),
    f"PUT {V1}/mail-texts/<name>/<language>": Call("house", lambda w: {"subject": "x", "body": "{link}"}),
    f"DELETE {V1}/mail-texts/<name>/<language>": Call("house"),
    f"POST {V1}/mail-texts/<name>/<language>/try": Call("house", lambda w: {}, reads=True),
    f"GET {V1}/optics": LIST,
    f"POST {V1}/optics/readings": Call("create", lambda w: {"customer": w["slug"], "items": [a_reading("new")]}),
    f"POST {V1}/optics/readings/text": Call("create", lambda w: {"customer": w["slug"], "text": MODULE_TEXT}),
    **{f"GET {V1}/optics/<int:optic_id>{what}": GET for what in ("", "/readings", "/chart", "/images", "/proofs")},
    f"PUT {V1}/optics/<int:optic_id>/baseline": Call("object", lambda w: {}),
    f"POST {V1}/optics/<int:optic_id>/proofs": Call("object", lambda w: {"kind": "cleaned"}),
    f"DELETE {V1}/optics/<int:optic_id>/proofs/<int:proof_id>": GET,
    f"GET {V1}/assets/<int:asset_id>/optic-claim": GET,
    f"GET {V1}/optic-batches": LIST,
    f"GET {V1}/optic-batches/<int:batch_id>": GET,
    f"POST {V1}/optic-batches/<int:batch_id>/register": Call("object", lambda w: {}),
    f"POST {V1}/optic-batches/<int:batch_id>/forget": Call("object", lambda w: {}),
    f"POST {V1}/optic-batches/<int:batch_id>/attach": Call("object", lambda w: {"item": 1, "asset": w["optic"]}),
    "GET /c/<slug>/optics": GET,
    **{f"GET /c/<slug>/optics/<int:optic_id>{what}": GET for what in ("", "/readings", "/baseline", "/proofs/new")},
    "POST /c/<slug>/optics/<int:optic_id>/baseline": Call("object", lambda w: {"at": "", "end": ""}),
    "POST /c/<slug>/optics/<int:optic_id>/proofs/new": Call("object", lambda w: {"kind": "cleaned"}),
    "POST /c/<slug>/optics/<int:optic_id>/proofs/<int:proof_id>/remove": GET,
    **{f"GET /c/<slug>/optics/<int:optic_id>/images/<int:image_id>{what}": GET for what in ("", "/memory.bin")},
    **{f"GET /c/<slug>/optics/{what}": GET for what in ("upload", "uploads", "devices", "profiles", "profiles/new")},
    "POST /c/<slug>/optics/upload": Call("object", lambda w: {"text": MODULE_TEXT}),
    "GET /c/<slug>/optics/uploads/<int:batch_id>": GET,
    "POST /c/<slug>/optics/uploads/<int:batch_id>/register": Call("object", lambda w: {}),
    "POST /c/<slug>/optics/uploads/<int:batch_id>/forget": Call("object", lambda w: {}),
    "GET /c/<slug>/optics/uploads/<int:batch_id>/attach": Call("object", query="item=1"),
    "POST /c/<slug>/optics/uploads/<int:batch_id>/attach": Call(
        "object", lambda w: {"asset": f"#{w['optic']}"}, query="item=1"
    ),
    "GET /c/<slug>/optics/device": Call("object", query="host=sw-canary"),
    "POST /c/<slug>/optics/profiles/new": Call("object", lambda w: {"part_number": "new page", "needed": "2"}),
    "GET /c/<slug>/optics/profiles/<int:profile_id>": GET,
    "POST /c/<slug>/optics/profiles/<int:profile_id>": Call("object", lambda w: {"version": 1, "needed": "5"}),
    "POST /c/<slug>/optics/profiles/<int:profile_id>/remove": Call("object", lambda w: {"version": 1}),
    f"GET {V1}/optic-profiles": LIST,
    f"POST {V1}/optic-profiles": Call("create", slugged(part_number="new", needed=2)),
    f"GET {V1}/optic-profiles/<int:profile_id>": GET,
    f"PATCH {V1}/optic-profiles/<int:profile_id>": Call("object", lambda w: {"notes": "x"}),
    f"DELETE {V1}/optic-profiles/<int:profile_id>": GET,
    f"GET {V1}/webhooks": LIST,
    f"POST {V1}/webhooks": Call("create", slugged(name="new", url="https://1.1.1.1/", events=["asset.*"])),
    f"GET {V1}/webhooks/<int:webhook_id>": GET,
    f"PATCH {V1}/webhooks/<int:webhook_id>": Call("object", lambda w: {"name": "x"}),
    f"DELETE {V1}/webhooks/<int:webhook_id>": GET,
    f"POST {V1}/webhooks/<int:webhook_id>/secret": GET,
    f"POST {V1}/webhooks/<int:webhook_id>/ping": GET,
    f"GET {V1}/webhooks/<int:webhook_id>/deliveries": GET,
    f"POST {V1}/webhooks/deliveries/<int:delivery_id>/again": GET,
}  # fmt: skip


@dataclass(frozen=True)
class Route:
    name: str
    method: str
    rule: str
    policy: Policy
    call: Call

    @property
    def page(self) -> bool:
        return not self.rule.startswith("/api/") and self.rule not in ("/healthz", "/readyz", "/metrics")

    @property
    def changes(self) -> bool:
        return self.method != "GET" and not self.call.reads

    @property
    def takes_away(self) -> bool:
        return self.method == "DELETE" or (self.method == "POST" and self.rule.endswith("/remove"))

    @property
    def comes_last(self) -> int:
        """What is gone shows nothing, and what has ended offers nothing."""
        ending = ("/retire", "/terminate", "/revocation", "/revoke", "/forget")
        return 2 if self.takes_away else int(self.rule.endswith(ending))

    def path(self, ids: Ids) -> str:
        def put(found: re.Match[str]) -> str:
            name = found.group(1)
            if name == "code":
                return str(ids["policy"] if "policies" in self.rule else ids["status"])
            return str(HOUSE_PARAMETERS.get(name) or ids[PARAMETERS[name]])

        path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", put, self.rule)
        return f"{path}?{self.call.query}" if self.call.query else path

    def options(self, ids: Ids) -> dict[str, Any]:
        body = self.call.body(ids) if self.call.body else None
        if body is None:
            return {}
        form = self.page or self.rule in (f"{V1}/imports", f"{V1}/assets/<int:asset_id>/files")
        return {"data": body} if form else {"json": body}

    def by(self, person: Person, ids: Ids, token: str | None = None) -> TestResponse:
        headers = {"If-Match": "*"} | ({"Authorization": f"Bearer {token}"} if token else {})
        answer = person.request(self.method, self.path(ids), headers=headers, **self.options(ids))
        answer.get_data()  # a stream keeps its request open until it has been read
        answer.close()
        if answer.mimetype == "application/zip":
            answer.set_data(b"(a zip)")
        return answer


def routes(house: House) -> list[Route]:
    """Every route of the application. One that is missing in the table above fails here."""
    found = []
    rules: list[Rule] = sorted(house.app.url_map.iter_rules(), key=lambda rule: rule.rule)
    for rule in rules:
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            policy = policy_of(house.app, rule.endpoint)
            assert policy is not None, f"{rule.endpoint} declares no policy"
            name = f"{method} {rule.rule}"
            assert name in CALLS, f"{name} is new: say in tests/test_tenancy.py how to call it and whose it is"
            found.append(Route(name, method, rule.rule, policy, CALLS[name]))
    return found


# --- The routes and the table ------------------------------------------------------------------------------


def test_every_route_has_a_policy_and_is_classified(house: House) -> None:
    found = {route.name: route for route in routes(house)}
    assert CALLS.keys() == found.keys(), "the table knows routes that there are no more"
    for route in found.values():
        names = set(re.findall(r"<(?:[^:<>]+:)?(\w+)>", route.rule)) & PARAMETERS.keys()
        assert (route.call.kind == "object") == bool(names) or route.call.kind == "public", route.name
        assert (route.policy.kind == "public") == (route.call.kind == "public"), route.name
    assert {name for name, route in found.items() if route.policy.kind == "public"} == {
        "GET /sign-in", "POST /sign-in", "GET /sign-in/second-step", "POST /sign-in/second-step",
        "GET /sign-in/provider", "GET /sign-in/provider/back", "POST /sign-in/passkey/options", "POST /sign-in/passkey",
        "POST /sign-in/second/passkey/options", "POST /sign-in/second/passkey", "GET /forgot", "POST /forgot",
        *(f"{method} /{what}/<secret>" for method in ("GET", "POST") for what in ("invitation", "reset", "confirm")),
        "GET /static/<path:filename>", "GET /healthz", "GET /readyz", "GET /metrics",
        "GET /calendar/<secret>.ics", "GET /unsubscribe/<secret>", "POST /unsubscribe/<secret>",
        f"GET {V1}/openapi.json", "GET /L/<label>", "GET /l/<label>",
        "GET /scan/alone", "GET /scan/worker.js", *SENDBIG_PUBLIC,
    }  # fmt: skip


# What a customer's own people have done opens to them alone: where their webhooks go, whom they sent a link.
OF_ITS_OWN_PEOPLE = {f"POST {V1}/webhooks", f"GET {V1}/x/sendbig/recipients/<int:recipient_id>/link"}


def test_the_table_reaches_what_it_means(companies: Companies) -> None:
    """The administrator, who may do everything, gets there: a 404 elsewhere is no slip of the table."""
    for route in sorted(routes(companies.house), key=lambda one: one.comes_last):
        if route.call.kind in ("public", "own") or "tokens" in route.rule or route.policy.in_person:
            continue
        fresh = route.method in ("DELETE", "PATCH", "PUT", "POST") and route.call.kind == "object"
        twice = route.page and route.takes_away  # the same verb took it away by the API already
        ids = companies.globex if fresh and not twice else companies.acme
        answer = route.by(companies.people.admin, ids)
        done = (200, 201, 202, 204) if route.method == "GET" else (200, 201, 202, 204, 303, 409, 412, 422)
        fine = answer.status_code in done
        fine = fine or (route.name in OF_ITS_OWN_PEOPLE and answer.status_code == 403)
        assert fine, f"{route.name}: {answer.status_code} {answer.text[:300]}"
        if route.call.kind in ("object", "list") and route.method == "GET" and not _without_canary(route):
            assert CANARY in answer.text, f"{route.name} was to show what is acme's"


def _without_canary(route: Route) -> bool:
    """Routes whose answer holds nothing that acme has written."""
    return route.rule.endswith(("/link", "/all.zip", "/policy", "/account-manager", "/decisions", "verify", "/policies",
                                "-statuses", "/deliveries", "/notice-plan", "/qr.svg", "/ruler.pdf", "/label-scans",
                                "/patches", "/<int:release_file_id>", "/optic-claim", "/chart", "/memory.bin")) or (
        route.rule == f"{V1}/optics/<int:optic_id>/readings"
    ) or (
        "/assets/" in route.rule and route.rule.endswith(("agreed-functions",))
    ) or "users" in route.rule or "packages" in route.rule or route.rule == "/history"  # fmt: skip


# --- Everybody at every route ------------------------------------------------------------------------------


def refused(answer: TestResponse) -> bool:
    return answer.status_code == 401 or (
        answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in")
    )


def test_without_a_valid_credential_there_is_nothing(companies: Companies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "WRONG_TOKENS", Limit(1_000_000, 60))  # how many may be tried is another test's
    owner, ids = companies.people.owner, companies.acme
    before = fingerprint(ids["customer"])
    tokens = {
        "nobody": None,
        "unknown": "x" * 43,
        "deactivated": companies.deactivated.token,
        "expired": _spoilt(owner, expires_at=clock.now() - timedelta(seconds=1)),
        "revoked": _spoilt(owner, revoked_at=clock.now()),
    }
    before = fingerprint(ids["customer"])
    for route in routes(companies.house):
        for who, token in tokens.items():
            headers = {"If-Match": "*"} | ({"Authorization": f"Bearer {token}"} if token else {})
            client = companies.house.app.test_client()
            answer = client.open(route.path(ids), method=route.method, headers=headers, **route.options(ids))
            if route.call.kind != "public":
                assert refused(answer), f"{who} {route.name}: {answer.status_code}"
            assert CANARY not in answer.text, f"{who} {route.name}"
    assert fingerprint(ids["customer"]) == before


def _spoilt(person: Person, **values: Any) -> str:
    made = person.post(f"{V1}/tokens", {"name": "spoilt"}).json
    Token.update(**values).where(Token.id == made["id"]).execute()
    return str(made["token"])


def test_a_stranger_finds_nothing_and_changes_nothing(any_companies: Companies) -> None:
    companies, ids = any_companies, any_companies.acme
    stranger, mine = companies.people.stranger, permissions_of("manager")
    before = fingerprint(ids["customer"])
    for route in routes(companies.house):
        answer = route.by(stranger, ids)
        told = f"{route.name}: {answer.status_code} {answer.text[:300]}"
        assert CANARY not in answer.text, told
        assert answer.status_code < 500, told
        if route.call.kind in ("object", "create") and route.policy.permission and route.policy.permission not in mine:
            assert answer.status_code == 403, told
        elif route.call.kind == "object":  # no token comes near what is done in person: tests/people/test_helping.py
            assert answer.status_code == (403 if route.policy.in_person else 404), told
        elif route.call.kind in ("create", "house"):
            assert answer.status_code in (403, 404, 422), told
    assert fingerprint(ids["customer"]) == before


def test_no_list_export_or_search_shows_a_stranger_anything(companies: Companies) -> None:
    stranger, ids = companies.people.stranger, companies.acme
    house = companies.house
    for listing in LISTINGS.values():
        kind = plural(listing.kind)
        for form in ("csv", "json", "xlsx"):
            answer = stranger.get(f"{V1}/exports/{kind}.{form}?x=")
            assert answer.status_code == 422, f"{kind}: unknown filters are refused before the file begins"
            answer = stranger.get(f"{V1}/exports/{kind}.{form}")
            assert CANARY.encode() not in answer.data and b"@acme" not in answer.data, kind
            if form == "json" and answer.status_code == 200 and "customer" in listing.filters:
                assert b"globex" in answer.data or b'"customer": null' in answer.data or b"null" in answer.data, kind
    paths = [route.rule for route in routes(house) if route.call.kind == "list" and route.rule.startswith(V1)]
    for path in paths:
        if "<" in path:
            continue
        for query in (f"customer={ids['slug']}", f"customer={ids['customer']}"):
            answer = stranger.get(f"{path}?q=canary&{query}" if path.endswith("search") else f"{path}?{query}")
            assert CANARY not in answer.text
            if not path.endswith(("asset-statuses", "policies")):  # the operator's own, the same for all
                assert answer.status_code == 422, f"{path}?{query}: {answer.text[:200]}"
    for query in (f"asset={ids['asset']}", f"licence={ids['licence']}"):
        assert stranger.get(f"{V1}/warranties?{query}").json["items"] == []
    assert stranger.get(f"{V1}/audit?object_type=asset&object_id={ids['asset']}").json["items"] == []
    assert stranger.get(f"{V1}/assets?parent={ids['asset']}").json["items"] == []


def test_a_foreign_id_under_ones_own_address_is_not_found(companies: Companies) -> None:
    """The outer object is the stranger's own, the inner one acme's."""
    stranger, admin, mine, theirs = companies.people.stranger, companies.people.admin, companies.globex, companies.acme
    before = fingerprint(theirs["customer"])
    assert stranger.get(f"/c/globex/assets/{mine['asset']}").status_code == 200
    assert stranger.get(f"/c/globex/assets/{theirs['asset']}").status_code == 404
    assert stranger.get(f"/c/acme/assets/{mine['asset']}").status_code == 404
    assert admin.get(f"/c/globex/assets/{theirs['asset']}").status_code == 404
    inner = [
        (f"licences/{mine['licence']}/assignments/{theirs['assignment']}/release", "POST", {}),
        (f"contracts/{mine['contract']}/lines/{theirs['line']}", "PATCH", {"note": "x"}),
        (f"contracts/{mine['contract']}/lines/{theirs['line']}", "DELETE", None),
        (f"contracts/{mine['contract']}/duties/{theirs['duty']}", "DELETE", None),
        (f"contracts/{mine['contract']}/duties/{theirs['duty']}/done", "POST", {}),
    ]
    for path, method, body in inner:
        for person in (stranger, admin):
            more = {} if body is None else {"json": body}
            answer = person.request(method, f"{V1}/{path}", headers={"If-Match": "*"}, **more)
            may = person is admin or "licences" in path
            assert answer.status_code == (404 if may else 403), f"{path}: {answer.status_code} {answer.text}"
    assert fingerprint(theirs["customer"]) == before


def test_a_reader_reads_and_a_read_token_reads(companies: Companies) -> None:
    reader, owner, ids = companies.people.reader, companies.people.owner, companies.acme
    narrow = owner.post(f"{V1}/tokens", {"name": "narrow", "scope": ["read"]}).json["token"]
    before = fingerprint(ids["customer"])
    for route in routes(companies.house):
        if route.call.kind in ("public", "own") or "exports" in route.rule:  # taking an export is put on record
            continue
        if "csv, xlsx" in route.rule or route.rule.endswith("/assets.pdf"):  # so is a list as a file
            continue
        if "/flow/" in route.rule:  # and whoever takes a file
            continue
        for who, answer in (("reader", route.by(reader, ids)), ("read token", route.by(owner, ids, narrow))):
            told = f"{who} {route.name}: {answer.status_code} {answer.text[:300]}"
            assert answer.status_code < 500, told
            if "<int:token_id>" in route.rule:  # the token belongs to the owner
                assert answer.status_code == (404 if who == "reader" else 403), told
            elif (
                route.changes
                or who == "reader"
                and route.policy.permission in (permissions_of("manager") - permissions_of("reader"))
            ):
                assert answer.status_code == 403, told
    assert fingerprint(ids["customer"]) == before


# For whoever made it, and for managers.
OF_WHO_MADE_IT = (
    "recipients/<int:recipient_id>/link", "file-requests/<int:file_request_id>/link",
    "transfers/<int:transfer_id>/edit",
)  # fmt: skip


def test_owner_and_colleague_do_what_their_roles_say(companies: Companies) -> None:
    people, ids = companies.people, companies.acme
    for route in sorted(routes(companies.house), key=lambda one: one.comes_last):
        if route.call.kind in ("public", "own", "house") or route.takes_away or "deactivate" in route.rule:
            continue
        for person, role in ((people.colleague, "member"), (people.owner, "manager")):
            mine = permissions_of(role)
            answer = route.by(person, ids)
            told = f"{role} {route.name}: {answer.status_code} {answer.text[:300]}"
            lacking = route.policy.permission and route.policy.permission not in mine
            others = role == "member" and route.method == "GET" and route.rule.endswith(OF_WHO_MADE_IT)
            if lacking or others or route.rule == "/c/<slug>/plugins/<plugin>":  # its form asks for an operator's right
                assert answer.status_code == 403, told
            elif route.method == "GET":
                assert answer.status_code == (302 if route.rule == "/" else 200), told  # home is one's own company
            else:
                assert answer.status_code in (200, 201, 202, 303, 403, 409, 412, 422), told


# --- Ids in bodies -----------------------------------------------------------------------------------------

NOBODY = 987_654_321  # an id that was never given out


def with_customer(**values: Any) -> dict[str, Any]:
    return {"customer": "globex", **values}


def foreign_keys(mine: Ids) -> list[tuple[str, str, str, Callable[[Any], Any]]]:
    """(method, path, word, body): rows of globex into which the id of acme's `word` is written."""
    asset, licence, contract = (f"{word}s/{mine[word]}" for word in ("asset", "licence", "contract"))
    lines = f"{contract}/lines"
    common = {"product": "COMMON", "serial": "new"}
    agreement = {"number": "n", "title": "n", "starts_on": "2026-01-01"}
    mapping = {"kind": "sites", "name": "n", "columns": {}}
    return [
        ("POST", "assets", "product", lambda at: with_customer(product=at, serial="n1")),
        ("POST", "assets", "site", lambda at: with_customer(**common, site=at)),
        ("POST", "assets", "asset", lambda at: with_customer(**common, parent=at)),
        ("POST", "assets", "contact", lambda at: with_customer(**common, holder=at)),
        ("POST", "assets", "customer", lambda at: {**common, "customer": at}),
        ("PATCH", f"{asset}", "product", lambda at: {"product": at}),
        ("PATCH", f"{asset}", "site", lambda at: {"site": at}),
        ("PATCH", f"{asset}", "asset", lambda at: {"parent": at, "site": None}),
        ("PATCH", f"{asset}", "contact", lambda at: {"holder": at}),
        ("POST", "assets/bulk", "site", lambda at: {"items": [with_customer(**common, site=at)]}),
        ("POST", "assets/bulk", "customer", lambda at: {"items": [{**common, "customer": at}]}),
        ("POST", "sites", "customer", lambda at: {"name": "n", "customer": at}),
        ("POST", "contacts", "site", lambda at: with_customer(name="n", site=at)),
        ("PATCH", f"contacts/{mine['contact']}", "site", lambda at: {"site": at}),
        ("POST", "products", "customer", lambda at: {"kind": "hardware", "name": "n", "customer": at}),
        ("POST", "licences", "product", lambda at: with_customer(product=at, name="n", metric="install")),
        ("PATCH", f"{licence}", "product", lambda at: {"product": at}),
        ("POST", f"{licence}/assignments", "asset", lambda at: {"asset": at}),
        ("POST", f"{licence}/assignments", "contact", lambda at: {"contact": at}),
        ("POST", "warranties", "terms", lambda at: {"asset": mine["asset"], "terms": at, "starts_on": "2026-01-01"}),
        ("POST", f"warranties/{mine['warranty']}/transfer", "asset", lambda at: {"asset": at, "on": "2026-06-01"}),
        ("POST", "contracts", "contract", lambda at: with_customer(**agreement, previous=at)),
        ("PATCH", contract, "contract", lambda at: {"previous": at}),
        ("POST", lines, "asset", lambda at: {"asset": at}),
        ("POST", lines, "licence", lambda at: {"licence": at}),
        ("POST", lines, "product", lambda at: {"product": at}),
        ("POST", lines, "site", lambda at: {"site": at}),
        ("POST", lines, "terms", lambda at: {"everything": True, "terms": at}),
        ("POST", f"{contract}/duties", "line", lambda at: {"kind": "patrol", "title": "n", "line": at}),
        ("POST", f"{contract}/duties", "product", lambda at: {"kind": "patrol", "title": "n", "product": at}),
        ("POST", "users", "customer", lambda at: {"email": "n@x.example", "role": "reader", "customer": at}),
        ("PUT", f"users/{mine['user']}/role", "customer", lambda at: {"role": "reader", "customer": at}),
        ("POST", "import-mappings", "customer", lambda at: {**mapping, "customer": at}),
        ("POST", "webhooks", "customer", lambda at: {"name": "n", "url": "https://1.1.1.1/", "events": ["asset.*"],
                                                     "customer": at}),
    ]  # fmt: skip


def anonymous(answer: TestResponse, *mentioned: object) -> Any:
    """The answer without what was sent and without the request's number."""
    text = re.sub(r'"request_id":"[^"]*"', "", answer.text)
    for each in mentioned:
        text = text.replace(str(each), "?")
    return answer.status_code, text


def test_an_id_of_another_company_in_a_body_is_refused_as_if_it_did_not_exist(any_companies: Companies) -> None:
    companies = any_companies
    mine, theirs = companies.globex, companies.acme
    before, own = fingerprint(theirs["customer"]), fingerprint(mine["customer"])
    for method, path, word, body in foreign_keys(mine):
        for who in (companies.people.stranger, companies.people.admin):
            if who is companies.people.admin and word == "customer":
                continue  # he may write for any company
            options = {"headers": {"If-Match": "*"}}
            answer = who.request(method, f"{V1}/{path}", json=body(theirs[word]), **options)
            none = who.request(method, f"{V1}/{path}", json=body(NOBODY), **options)
            told = f"{method} {path} with acme's {word}: {answer.status_code} {answer.text}"
            assert answer.status_code in (403, 404, 422), told
            assert anonymous(answer, theirs[word]) == anonymous(none, NOBODY), told
            assert CANARY not in answer.text, told
    assert fingerprint(theirs["customer"]) == before
    assert fingerprint(mine["customer"]) == own, "and nothing of it was stored"


def test_a_natural_key_of_another_company_is_refused_too(companies: Companies) -> None:
    stranger, admin, mine = companies.people.stranger, companies.people.admin, companies.globex
    own = fingerprint(mine["customer"])
    new = {"customer": "globex", "product": "COMMON", "serial": "new"}
    tries: list[tuple[Person, str, str, Any]] = [
        (stranger, "POST", "assets", {**new, "site": "CANARY site"}),
        (stranger, "POST", "assets", {**new, "parent": "CANARY-SN"}),
        (stranger, "POST", "assets", {**new, "holder": "CANARY@example.com"}),
        (stranger, "POST", "assets", {**new, "product": "CANARY-PN"}),
        (stranger, "POST", f"licences/{mine['licence']}/assignments", {"asset": "CANARY-TAG"}),
        (admin, "POST", f"contracts/{mine['contract']}/lines", {"licence": "CANARY licence"}),
        (admin, "POST", f"contracts/{mine['contract']}/lines", {"everything": True, "terms": "acme-terms"}),
        (admin, "POST", "warranties", {"asset": mine["asset"], "terms": "acme-terms", "starts_on": "2026-01-01"}),
        (admin, "PATCH", f"contracts/{mine['contract']}", {"previous": "CANARY-C1"}),
    ]
    for person, method, path, body in tries:
        answer = person.request(method, f"{V1}/{path}", json=body, headers={"If-Match": "*"})
        assert answer.status_code == 422, f"{path} {body}: {answer.status_code} {answer.text}"
    assert fingerprint(mine["customer"]) == own


def test_an_import_reaches_nothing_of_another_company(companies: Companies) -> None:
    stranger, theirs = companies.people.stranger, companies.acme
    before = fingerprint(theirs["customer"])
    rows = "Serial,Tag,Product,Site,Parent,Slot\nCANARY-SN,CANARY-TAG,COMMON,CANARY site,CANARY-SN,1\n"
    for slug in ("acme", str(theirs["customer"])):
        answer = stranger.request("POST", f"{V1}/imports", data=upload(slug, rows, kind="assets"))
        assert answer.status_code == 422, answer.text
    for more in ({"saved_mapping": f"{CANARY} mapping"}, {"mode": "update", "key": "serial"}, {}):
        data = upload("globex", rows, kind="assets", **more)
        answer = stranger.request("POST", f"{V1}/imports", data=data)
        assert answer.status_code in (201, 422), answer.text
    assert fingerprint(theirs["customer"]) == before


# --- A walk without a plan ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_wherever_a_stranger_stumbles_nothing_sings(companies: Companies, seed: int) -> None:
    """Some hundred calls with acme's ids in paths, queries and bodies, mixed with the stranger's own."""
    dice = random.Random(seed)
    stranger, theirs, mine = companies.people.stranger, companies.acme, companies.globex
    known = [route for route in routes(companies.house) if route.call.kind != "public" and "sign" not in route.rule]
    known = [route for route in known if not route.rule.endswith("/file")]
    keys = ["customer", "product", "site", "parent", "holder", "asset", "licence", "contact", "terms", "previous", "id",
            "user", "line", "q", "serial", "cursor", "object_id", "batch", "role", "status", "version"]  # fmt: skip
    before = fingerprint(theirs["customer"])
    for _ in range(250):
        route = dice.choice(known)
        mixed = {word: dice.choice((theirs, theirs, mine))[word] for word in theirs}
        body = dict(route.call.body(mixed)) if route.call.body and route.rule != f"{V1}/imports" else {}
        body.pop("file", None)
        pick = lambda: dice.choice([*theirs.values(), *mine.values(), None, True, [theirs["asset"]], {"id": 1}])  # noqa: E731
        for key in dice.sample(keys, dice.randint(0, 2)):
            body[key] = pick()
        query = {key: pick() for key in dice.sample(keys, dice.randint(0, 2))}
        path = route.path(mixed).split("?")[0]
        answer = stranger.request(
            route.method, path, query_string=query, headers={"If-Match": dice.choice(("*", '"1"', '"x"'))},
            **({"json": body} if route.method != "GET" else {}),
        )  # fmt: skip
        text = answer.get_data().decode(errors="replace")  # a picture, perhaps
        told = f"seed {seed}: {route.method} {path} {query} {body}: {answer.status_code} {text[:300]}"
        assert answer.status_code < 500, told
        assert CANARY not in text, told
    assert fingerprint(theirs["customer"]) == before
