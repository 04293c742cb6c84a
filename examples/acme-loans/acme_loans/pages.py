"""Pages, under /c/<customer>/x/acme_loans/."""

from flask import request

from registry.sdk import Form, _, allow, customer_pages, done, here, me, render_template, sent_version

from acme_loans import service
from acme_loans.schemas import ReminderIn

pages = customer_pages("acme_loans")


@pages.get("/reminders")
@allow("acme_loans.view")
def list_reminders():
    return render_template("acme_loans/list.html", reminders=service.open_ones(me(), here().id))


@pages.post("/assets/<int:asset_id>/reminders")
@allow("acme_loans.edit")
def write_reminder(asset_id):
    form = Form(ReminderIn(), request.form)
    if form.send(lambda values: service.remind(me(), asset_id, **values)):
        return done(_("Noted."), "assets.show_asset", asset_id=asset_id)
    return render_template("acme_loans/write.html", form=form, asset_id=asset_id), form.status


@pages.post("/reminders/<int:reminder_id>/done")
@allow("acme_loans.edit")
def finish_reminder(reminder_id):
    service.finish(me(), reminder_id, sent_version())
    return done(_("Done."), "acme_loans.list_reminders")
