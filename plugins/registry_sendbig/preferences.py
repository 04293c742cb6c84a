"""What the operator sets: for the house, and for each customer."""

from typing import Any

from marshmallow import fields

from registry.sdk import N_, Line, Prose, Shape, Whole, settings_of

GB = 1_000_000_000


class House(Shape):
    clamd = Line(max=255, load_default="", metadata={
        "label": N_("Virus scanner (clamd)"),
        "description": N_("host:port, or the path of its socket. Files are held until it finds them clean. "
                          "Empty: nothing is scanned, and pages say so."),
    })  # fmt: skip
    scan_mb = Whole(1, 2047, load_default=100, metadata={
        "label": N_("The scanner takes files of up to so many MB"),
        "description": N_("The smallest of StreamMaxLength, MaxFileSize and MaxScanSize in clamd.conf: beyond those it "
                          "says nothing, or that a file is clean. Larger ones are marked as not scanned."),
    })  # fmt: skip
    refused_types = Prose(max=2000, load_default="", metadata={
        "label": N_("Types of content that are refused"), "long": True,
        "description": N_("One a line, such as application/vnd.microsoft.portable-executable or video/*. A file is "
                          "judged by what is in it, not by its name."),
    })  # fmt: skip
    allowed_types = Prose(max=2000, load_default="", metadata={
        "label": N_("Types of content that are accepted"), "long": True,
        "description": N_("One a line. Empty: all that are not refused."),
    })  # fmt: skip
    direct_parts = fields.Boolean(load_default=False, metadata={
        "label": N_("Browsers send files straight to the S3 store"),
        "description": N_("The store must let this site's address in (CORS: PUT, and ETag exposed)."),
    })  # fmt: skip
    spare_gb = Whole(0, 1_000_000, load_default=2, metadata={
        "label": N_("Space that uploads leave free on the disk, in GB"),
    })  # fmt: skip
    upload_days = Whole(1, 90, load_default=7, metadata={
        "label": N_("An upload that nobody goes on with is thrown away after so many days"),
    })  # fmt: skip


class Rules(Shape):
    quota_gb = Whole(0, 1_000_000, load_default=200, metadata={"label": N_("Space for large files, in GB")})
    transfer_gb = Whole(0, 1_000_000, load_default=50, metadata={"label": N_("Largest transfer, in GB")})
    most_files = Whole(1, 100_000, load_default=1000, metadata={"label": N_("Most files of a transfer")})
    default_days = Whole(1, 3650, load_default=7, metadata={
        "label": N_("A transfer ends after so many days"), "description": N_("Unless its sender says otherwise."),
    })  # fmt: skip
    longest_days = Whole(1, 3650, load_default=90, metadata={"label": N_("And at the latest after so many days")})


def house() -> dict[str, Any]:
    return settings_of("sendbig")


def rules(customer_id: int) -> dict[str, Any]:
    return settings_of("sendbig", customer_id)
