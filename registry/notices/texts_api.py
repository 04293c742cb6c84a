"""JSON routes about the texts of mails."""

from typing import Any

from werkzeug.wrappers import Response

from registry.kernel.errors import Invalid
from registry.kernel.language import _
from registry.kernel.mail_texts import KINDS, Text
from registry.notices import texts
from registry.notices.schemas import MailPreview, MailTextIn, MailTextOut, MailTexts, MailTextTry
from registry.web.answers import if_match, json_response, thing
from registry.web.api import blueprint, versioned
from registry.web.identity import actor
from registry.web.policy import allow

blp = blueprint("mail_texts", "The texts of mails in each language")


@blp.route("/mail-texts", methods=["GET"])
@blp.response(200, MailTexts)
@allow("mail.edit")
def list_texts() -> Response:
    return json_response({"items": [_shown(each) for each in texts.texts(actor())]})


@blp.route("/mail-texts/<name>/<language>", methods=["GET"])
@blp.response(200, MailTextOut)
@allow("mail.edit")
def get_text(name: str, language: str) -> Response:
    return thing(_shown(texts.text(actor(), name, language)))


@blp.route("/mail-texts/<name>/<language>", methods=["PUT"])
@versioned(blp)
@blp.arguments(MailTextIn)
@blp.response(200, MailTextOut)
@allow("mail.edit")
def put_text(values: dict[str, Any], name: str, language: str) -> Response:
    """Use one's own words. {name} stands for a value, {{ and }} for braces; see `placeholders`."""
    return thing(_shown(texts.set_text(actor(), name, language, Text(**values), if_match())))


@blp.route("/mail-texts/<name>/<language>", methods=["DELETE"])
@versioned(blp)
@blp.response(200, MailTextOut)
@allow("mail.edit")
def restore_text(name: str, language: str) -> Response:
    """Go back to the words that came with the program."""
    return thing(_shown(texts.restore_text(actor(), name, language, if_match())))


@blp.route("/mail-texts/<name>/<language>/try", methods=["POST"])
@blp.arguments(MailTextTry)
@blp.response(200, MailPreview)
@allow("mail.edit")
def try_text(values: dict[str, Any], name: str, language: str) -> Response:
    """How a mail would look, with examples for values."""
    send = values.pop("send")
    if len(values) == 1:
        raise Invalid.field("body" if "subject" in values else "subject", _("Give both subject and body, or neither."))
    words = Text(**values) if values else None
    shown = texts.preview(actor(), name, language, words)
    if send:
        texts.send_preview(actor(), name, language, words)
    return json_response(shown._asdict())


def _shown(found: texts.Shown) -> dict[str, Any]:
    return {**found._asdict(), "placeholders": dict(KINDS[found.name].placeholders)}
