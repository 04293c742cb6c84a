"""A worker that announces and sends, and dies in between: python -m tests.notices.killed POINT"""

import sys

from registry.app import open_house
from registry.kernel import db, mail, mail_transport, wall
from registry.notices import announcing, digest
from registry.settings import Settings
from tests.imports.killed import before
from tests.notices.world import END, at

POINTS = {
    "before anything is written down": lambda: before(announcing, "announce_to"),
    "while it is written down": lambda: before(announcing, "_tell"),
    "between the notices and their mails": lambda: before(announcing, "mail_runs"),
    "while mails are queued": lambda: before(digest.mail, "post", times=2),
    "before a mail is claimed": lambda: before(mail, "_claim"),
    "between claim and sending": lambda: before(mail_transport.Folder, "send"),
    "between sending and noting it": lambda: before(mail, "_settle"),
}


def main(point: str) -> None:
    open_house(Settings.load(log_level="ERROR"))
    wall.stand(wall.EVERYWHERE)
    with db.connection(), at(END):
        POINTS[point]()
        announcing.announce()
        mail.carry()


if __name__ == "__main__":
    main(sys.argv[1])
