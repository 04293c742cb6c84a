"""Pages to put mails into the house's own words."""

from flask import render_template, request
from werkzeug.wrappers import Response

from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.kernel.locales import LANGUAGES
from registry.kernel.mail_texts import KINDS, Text
from registry.notices import texts
from registry.notices.schemas import MailTextIn
from registry.web.acting import pressed, sent_version
from registry.web.forms import Form, done
from registry.web.house import pages
from registry.web.identity import actor
from registry.web.policy import allow

Page = Response | tuple[str, int]


@pages.get("/mail-texts")
@allow("mail.edit")
def list_mail_texts() -> str:
    own = {(one.name, one.language) for one in texts.texts(actor()) if one.own}
    return render_template("settings/mail_texts.html", names=sorted(KINDS), spoken=LANGUAGES, own=own)


@pages.get("/mail-texts/<name>/<language>")
@allow("mail.edit")
def edit_mail_text(name: str, language: str) -> Page:
    now = texts.text(actor(), name, language)
    return _page(name, language, Form(MailTextIn(), shown={"subject": now.subject, "body": now.body}))


@pages.post("/mail-texts/<name>/<language>")
@allow("mail.edit")
def change_mail_text(name: str, language: str) -> Page:
    """Keep the words, or (`act` says so) only look at them as a reader would, or have them mailed to oneself."""
    form, act, who = Form(MailTextIn(), request.form), request.form.get("act", "save"), actor()
    texts.text(who, name, language)
    if act == "save":
        if form.send(lambda values: texts.set_text(who, name, language, Text(**values), sent_version())):
            return done(_("These words are used from now on."), "house.edit_mail_text", name=name, language=language)
        return _page(name, language, form)
    if form.send(lambda values: texts.preview(who, name, language, Text(**values))):
        shown = form.answer
        if act == "send":
            form.send(lambda values: texts.send_preview(who, name, language, Text(**values)))
        return _page(name, language, form, shown, sent=act == "send" and form.status == 200)
    return _page(name, language, form)


@pages.post("/mail-texts/<name>/<language>/restore")
@allow("mail.edit")
def restore_mail_text(name: str, language: str) -> Page:
    form = pressed(lambda: texts.restore_text(actor(), name, language, sent_version()))
    if form.status == 404:
        raise NotFound()
    if form.status == 200:
        return done(_("The words that came with the program are used again."), "house.edit_mail_text", name=name,
                    language=language)  # fmt: skip
    now = texts.text(actor(), name, language)
    again = Form(MailTextIn(), shown={"subject": now.subject, "body": now.body})
    again.message, again.status = form.message, form.status
    return _page(name, language, again)


def _page(name: str, language: str, form: Form, shown: Text | None = None, *, sent: bool = False) -> Page:
    now = texts.text(actor(), name, language)
    words = shown or texts.preview(actor(), name, language, None)
    around = {"text": now, "preview": words, "fresh": shown is not None, "sent": sent, "kind": KINDS[name]}
    return render_template("settings/mail_text.html", form=form, spoken=LANGUAGES, **around), form.status
