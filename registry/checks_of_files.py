"""`assetcare check` about the file store: that it works, and that the files are where the settings say."""

import time
from collections.abc import Iterator

from registry.checks import ADVICE, FAULT, OK, Finding, check
from registry.kernel import files, migrate
from registry.kernel.files import moving
from registry.kernel.language import _
from registry.settings import Settings

SUBJECT = "file store"


@check(SUBJECT)
def works(_settings: Settings) -> Iterator[Finding]:
    began = time.monotonic()
    if files.goes_there_and_back(64):
        took = format(time.monotonic() - began, ".2f")
        yield Finding(SUBJECT, OK, _("%(time)s s for a small file there and back", time=took))
    else:
        yield Finding(SUBJECT, FAULT, _("It gives back other bytes than it was given."))


@check(SUBJECT)
def where(_settings: Settings) -> Iterator[Finding]:
    if migrate.pending():
        return
    if (going := moving.under_way()) is not None:
        source, target = going
        told = _("The files are on their way from %(source)s to %(target)s: finish it with assetcare sendbig move.",
                 source=source, target=target)  # fmt: skip
        yield Finding(SUBJECT, ADVICE, told)
    elif (moved := moving.redirected()) is not None:
        told = _("The files have moved to %(target)s: set ASSETCARE_STORAGE to it.", target=moved[1])
        yield Finding(SUBJECT, ADVICE, told)
    if left := moving.left_behind():
        told = _("%(count)s files lie where they were moved from, and nobody looks there: copy them to the new place "
                 "under the same names, or delete them.", count=left)  # fmt: skip
        yield Finding(SUBJECT, ADVICE, told)
