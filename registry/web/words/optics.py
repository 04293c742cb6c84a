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
    "optic_proof": {"loopback": N_("Loopback"), "swap": N_("Swap"), "cleaned": N_("Cleaning")},
    "optic_unknown": {
        "not_registered": N_("No asset yet"), "no_identity": N_("Does not say what it is"),
        "several_assets": N_("More than one asset fits"),
    },
}  # fmt: skip
DONE: dict[str, str] = {
    "optic.read": N_("Readings of optics stored"), "optic.concluded": N_("Conclusion on an optic changed"),
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
    "registered": N_("Registered"), "unknown": N_("Unknown"), "brought_by": N_("Brought by"), "modules": N_("Modules"),
    "advice": N_("Advice"), "concluded_at": N_("Concluded"), "dom": N_("Measures itself"),
    "from_memory": N_("Limits come from its memory"), "media": N_("Medium"), "placed_at": N_("There since"),
    "reasons": N_("Reasons"), "part_key": N_("Part number"), "vendor_key": N_("Vendor"), "optic": N_("Optic"),
}  # fmt: skip
