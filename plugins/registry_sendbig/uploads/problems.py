"""What can go wrong with an upload, in words for whoever sends the file; the tus answers carry them as their text."""

from registry.sdk import N_, Conflict, Problem


class WrongOffset(Conflict):
    code = "offset"
    message = N_("The upload stands at another byte than Upload-Offset says. Ask by HEAD and go on there.")


class Complete(Conflict):
    code = "complete"
    message = N_("This file has arrived whole. Take it out of its transfer instead.")


class Locked(Problem):
    status, code = 423, "locked"
    message = N_("Somebody else is sending this file at this moment. Try again in a few seconds.")


class Gone(Problem):
    status, code = 410, "gone"
    message = N_("This upload has expired, or the store has lost it. Send the file again.")


class WrongChecksum(Problem):
    status, code = 460, "checksum"
    message = N_("What arrived does not have this checksum: it was thrown away. Send it again.")


class TooMuch(Problem):
    """For this file, transfer or customer: trying again does not help."""

    status, code = 413, "too_much"
    message = N_("More bytes came than the file was said to have.")


class NoSpace(Problem):
    """On the disk, which may change."""

    status, code = 507, "no_space"
    message = N_("There is no space left for this file at present. What has arrived is kept: go on later.")


class Refused(Problem):
    status, code = 415, "refused_type"
    message = N_("Files of this type are not accepted here.")


class Final(Problem):
    status, code = 403, "final"
    message = N_("This upload is put together from others: nothing can be sent to it.")
