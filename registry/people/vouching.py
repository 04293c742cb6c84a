"""People whom a plugin knows: another directory says that the password is right."""

from registry.people.models import User
from registry.plugins.current import host


def vouched_for(email: str, password: str) -> User | None:
    """The user whom the first plugin names that knows these credentials. Whether he may enter is for others to say."""
    found = host().first("authenticate", None, credentials={"email": email, "password": password})
    if not isinstance(found, int) or isinstance(found, bool) or not 0 < found < 2**63:
        return None
    user: User | None = User.get_or_none(User.id == found)
    return user
