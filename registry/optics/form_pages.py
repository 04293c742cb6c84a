"""Forms about one module: its baseline, tests put on record and taken back."""

from collections.abc import Mapping
from typing import Any

from flask import g, render_template, request
from marshmallow import fields
from werkzeug.wrappers import Response

from registry.kernel.language import N_, _
from registry.optics import service
from registry.optics.concluding import ends_of
from registry.optics.pages import pages
from registry.optics.schemas import BaselineIn, ProofIn
from registry.web.forms import Form, done
from registry.web.identity import actor
from registry.web.optics.moments import LocalMoment
from registry.web.optics.view import own_optic
from registry.web.policy import allow
from registry.web.words.codes import word

Page = Response | tuple[str, int]


class BaselineForm(BaselineIn):
    at = LocalMoment()


class YesNo(fields.Field[bool]):
    """A choice between yes and no, where none is a choice too."""

    default_error_messages = {"invalid": N_("Choose yes or no.")}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if value not in ("true", "false"):
            raise self.make_error("invalid")
        return bool(value == "true")


class ProofForm(ProofIn):
    at = LocalMoment()
    module_failed = YesNo()  # type: ignore[assignment]


def _known(optic_id: int, form: Form) -> dict[str, Any]:
    optic = own_optic(actor(), g.customer, optic_id)
    ends = [(end, word("cable_end", end)) for end in ends_of(optic) if end]
    return {"optic": optic, "form": form, "ends": ends, "zone": g.customer.time_zone}


def _baseline(optic_id: int, form: Form) -> Page:
    return render_template("optics/baseline.html", **_known(optic_id, form)), form.status


def _proof(optic_id: int, form: Form) -> Page:
    return render_template("optics/proof.html", **_known(optic_id, form)), form.status


@pages.get("/optics/<int:optic_id>/baseline")
@allow("optic.edit")
def choose_baseline(optic_id: int) -> Page:
    return _baseline(optic_id, Form(BaselineForm()))


@pages.post("/optics/<int:optic_id>/baseline")
@allow("optic.edit")
def set_baseline(optic_id: int) -> Page:
    own_optic(actor(), g.customer, optic_id)
    form = Form(BaselineForm(), request.form)
    if not form.send(lambda values: service.set_baseline(actor(), optic_id, values.get("at"), values["end"])):
        return _baseline(optic_id, form)
    return done(_("The baseline is set."), "optics.show_optic", optic_id=optic_id)


@pages.get("/optics/<int:optic_id>/proofs/new")
@allow("optic.edit")
def new_proof(optic_id: int) -> Page:
    return _proof(optic_id, Form(ProofForm()))


@pages.post("/optics/<int:optic_id>/proofs/new")
@allow("optic.edit")
def record_proof(optic_id: int) -> Page:
    own_optic(actor(), g.customer, optic_id)
    form = Form(ProofForm(), request.form)
    if not form.send(lambda values: service.record_proof(actor(), optic_id, values)):
        return _proof(optic_id, form)
    return done(_("The test is on record, and the conclusion up to date."), "optics.show_optic", optic_id=optic_id)


@pages.post("/optics/<int:optic_id>/proofs/<int:proof_id>/remove")
@allow("optic.edit")
def remove_proof(optic_id: int, proof_id: int) -> Page:
    own_optic(actor(), g.customer, optic_id)
    service.remove_proof(actor(), optic_id, proof_id)
    return done(_("The test is taken back, and the conclusion up to date."), "optics.show_optic", optic_id=optic_id)
