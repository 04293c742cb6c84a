"""What ends a user's credentials, used by whatever changes how he proves who he is."""

from registry.kernel import clock
from registry.people.models import MailedLink, Session, Token


def end_sessions(user_id: int, *, keep: int | None = None) -> int:
    """End all sessions of a user, half ones too, but for the session `keep`. How many there were."""
    his = Session.user == user_id
    return int(Session.delete().where(his & (Session.id != keep) if keep is not None else his).execute())


def end_links(user_id: int, *purposes: str, end: str) -> int:
    """End the user's living links of these purposes (all of them when none is named). How many there were."""
    mine = (MailedLink.user == user_id) & MailedLink.ended_at.is_null() & (MailedLink.expires_at > clock.now())
    if purposes:
        mine &= MailedLink.purpose.in_(purposes)
    return int(MailedLink.update(ended_at=clock.now(), end=end).where(mine).execute())


def end_everything(user_id: int) -> None:
    """End all sessions, tokens and mailed links of a user."""
    end_sessions(user_id)
    end_links(user_id, end="deactivated")
    Token.update(revoked_at=clock.now()).where((Token.user == user_id) & Token.revoked_at.is_null()).execute()
