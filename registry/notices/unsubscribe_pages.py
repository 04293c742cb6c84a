"""Where mails about what ends can be refused without signing in: by a button here, or by the mail program itself."""

from flask import Blueprint, render_template, request

from registry.kernel import language, throttle
from registry.kernel.errors import NotFound
from registry.kernel.language import _
from registry.kernel.throttle import Limit, network_of
from registry.notices import choices
from registry.people.models import User
from registry.web.policy import public

pages = Blueprint("unsubscribe", __name__)

WRONG = Limit(60, 3600)  # of one network
PRESSED = Limit(20, 3600)  # for one account


@pages.get("/unsubscribe/<secret>")
@public
def ask(secret: str) -> str:
    """Changes nothing: mail programs and scanners open addresses, too."""
    language.use(_reader(secret).language)
    return render_template("notices/unsubscribe.html", secret=secret, done=False)


@pages.post("/unsubscribe/<secret>")
@public
def press(secret: str) -> str:
    """By the button, or by a mail program (RFC 8058), for which no cookie counts and nothing redirects."""
    user = _reader(secret)
    throttle.take("unsubscribe", str(user.id), PRESSED)
    choices.unsubscribe(user, request.remote_addr)
    language.use(user.language)
    return render_template("notices/unsubscribe.html", secret=secret, done=True)


def _reader(secret: str) -> User:
    user = choices.reader_of(secret)
    if user is None:
        throttle.take("unsubscribe", network_of(request.remote_addr), WRONG, wait=False)
        raise NotFound(_("This link is not, or no longer, good. Sign in to choose what you want to hear of."))
    return user
