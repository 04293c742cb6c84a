"""Words about optics: conclusions, what is measured, its states, proofs, findings."""

from registry.kernel.language import N_

WORDS: dict[str, dict[str, str]] = {
    "verdict": {
        "within_spec": N_("Within its limits"), "link_or_far_end": N_("Link or far end"),
        "worn_laser": N_("Worn laser"), "transmitter_out_of_spec": N_("Transmitter out of specification"),
        "transmitter_fault": N_("Transmitter fault"), "clean_and_retest": N_("Clean and read again"),
        "receiver_overload": N_("Too much light"), "environment": N_("Temperature or supply"),
        "undecided_needs_port_state": N_("Undecided: port state needed"),
        "dom_unreliable": N_("Readings not reliable"), "no_dom": N_("Not measured"),
    },
    "optic_state": {
        "ok": N_("Within its limits"), "low_warning": N_("Low warning"), "high_warning": N_("High warning"),
        "low_alarm": N_("Low alarm"), "high_alarm": N_("High alarm"), "dark": N_("No light"),
        "not_reported": N_("Not reported"), "thresholds_invalid": N_("No usable limits"),
    },
    "parameter": {
        "temperature_c": N_("Temperature"), "voltage_v": N_("Supply voltage"), "tx_bias_ma": N_("Laser current"),
        "tx_power_dbm": N_("Transmit power"), "rx_power_dbm": N_("Receive power"),
    },
    "optic_media": {
        "optical": N_("Optical"), "copper": N_("Copper"), "active_copper": N_("Active copper"),
        "active_optical": N_("Active optical cable"),
    },
    "cable_end": {"1": N_("End 1"), "2": N_("End 2"), "A": N_("End A"), "B": N_("End B")},
    "optic_finding": {
        "memory_altered": N_("A checksum over its memory is wrong: somebody changed it, or it is corrupt."),
        "memory_changed": N_("Its memory is not what it was when it was read before."),
        "identity_differs": N_("What is on record, or was read before, says otherwise than the module."),
        "page_blank": N_("A page of its memory holds one value only: it was never written, or could not be read."),
        "checksum_missing": N_("Its memory ends before its checksum."),
        "truncated": N_("Its memory could not be read to the end."),
        "bytes_without_place": N_("The dump has a hole, or bytes of a page that it does not name."),
        "identifier_unknown": N_("It does not say what kind of module it is."),
        "wavelength_implausible": N_("Its wavelength cannot be true, and was left out."),
        "text_unreadable": N_("A name or number in its memory has bytes that are no letters."),
        "diagnostics_not_read": N_("It can measure itself, but that part was not uploaded."),
        "diagnostics_blank": N_("It can measure itself, but holds no measurements."),
        "calibration_invalid": N_("Constants of its calibration cannot be right: its readings were left out."),
        "calibration_contradictory": N_("It says of its readings that they are and are not calibrated."),
        "bias_scale_unknown": N_("The step of its laser current is not known: upload page 01h, too."),
        "flags_contradictory": N_("It raises high and low at once for one parameter: neither was taken."),
        "flags_disagree": N_("What it raises is not what its own limits say."),
        "thresholds_invalid": N_("Limits that it gives cannot be true."),
        "module_not_ready": N_("It was not powered up when it was read."),
        "module_fault": N_("It reports a fault of its own."),
        "laser_end_of_life": N_("The device reports that its laser comes to the end of its life."),
    },
    "optic_source": {"api": N_("API"), "file": N_("File"), "command": N_("Command line"), "page": N_("Page")},
    "optic_limit": {
        "high_alarm": N_("High alarm"), "high_warning": N_("High warning"), "low_warning": N_("Low warning"),
        "low_alarm": N_("Low alarm"),
    },
    "optic_limits_from": {
        "memory": N_("Module’s memory"), "device": N_("Module, as its device prints"), "profile": N_("Profile"),
    },
    "optic_span": {
        "day": N_("1 day"), "week": N_("1 week"), "month": N_("1 month"), "year": N_("1 year"), "all": N_("All"),
    },
    "optic_proof": {"loopback": N_("Loopback"), "swap": N_("Swap"), "cleaned": N_("Cleaning")},
    "ports_on": {"up": N_("Yes, all of them"), "down": N_("No")},
    "optic_unknown": {
        "not_registered": N_("No asset yet"), "no_identity": N_("Does not say what it is"),
        "several_assets": N_("More than one asset fits"),
    },
}  # fmt: skip
TONES: dict[str, str] = {
    "within_spec": "good", "link_or_far_end": "warn", "worn_laser": "bad", "transmitter_out_of_spec": "bad",
    "transmitter_fault": "bad", "clean_and_retest": "warn", "receiver_overload": "warn", "environment": "warn",
}  # fmt: skip
STATE_TONES: dict[str, str] = {
    "low_warning": "warn", "high_warning": "warn", "low_alarm": "bad", "high_alarm": "bad", "dark": "bad",
}  # fmt: skip
DONE: dict[str, str] = {
    "optic.read": N_("Readings of optics stored"), "optic.concluded": N_("Conclusion on an optic changed"),
    "optic.forgotten": N_("Readings that waited thrown away"),
    "optic.baseline_set": N_("Baseline set"), "optic.proof_recorded": N_("Test put on record"),
    "optic.proof_removed": N_("Test taken back"), "optic_profile.created": N_("Profile of optics added"),
    "optic_profile.changed": N_("Profile of optics changed"), "optic_profile.removed": N_("Profile of optics removed"),
}  # fmt: skip
THINGS: dict[str, str] = {
    "optic": N_("Optic"), "optic_batch": N_("Upload of readings"), "optic_profile": N_("Profile of optics"),
    "optic_proof": N_("Test of an optic"), "optic_image": N_("Memory of an optic"),
    "optic_place": N_("Place of an optic"), "optic_reading": N_("Reading"),
}  # fmt: skip
FIELDS: dict[str, str] = {
    "vendor": N_("Vendor"), "part_number": N_("Part number"), "limits": N_("Limits"),
    "needed": N_("Readings for a claim"), "hours": N_("Hours for a claim"), "baseline": N_("Baseline"),
    "module_failed": N_("Points at the module"), "recorded_by": N_("Recorded by"), "verdict": N_("Conclusion"),
    "claimable": N_("Can be claimed"), "host": N_("Device"), "port": N_("Port"), "findings": N_("Findings"),
    "since": N_("Since"), "last_at": N_("Last reading"), "stored": N_("Stored"), "repeated": N_("Here before"),
    "registered": N_("Registered"), "unknown": N_("Unknown"), "brought_by": N_("Brought by"),
    "waiting": N_("Readings that wait"), "modules": N_("Modules"),
    "advice": N_("Advice"), "concluded_at": N_("Concluded"), "dom": N_("Measures itself"),
    "from_memory": N_("Limits come from its memory"), "media": N_("Medium"), "placed_at": N_("There since"),
    "form_factor": N_("Form factor"), "standard": N_("Standard"), "wavelength_nm": N_("Wavelength"),
    "connector": N_("Connector"), "revision": N_("Revision"), "date_code": N_("Made on"),
    "oui": N_("Vendor code (OUI)"),
    "reasons": N_("Reasons"), "part_key": N_("Part number"), "vendor_key": N_("Vendor"), "optic": N_("Optic"),
}  # fmt: skip
