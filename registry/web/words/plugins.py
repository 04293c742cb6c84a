"""Words for codes about plugins."""

from registry.kernel.language import N_

WORDS: dict[str, dict[str, str]] = {
    "plugin_state": {
        "working": N_("Switched on"), "off": N_("Switched off"), "suspended": N_("Stopped after failures"),
        "failed": N_("Does not fit"),
    },
    "plugin_part": {
        "tables": N_("Tables"), "permissions": N_("Permissions"), "jobs": N_("Jobs"), "commands": N_("Commands"),
        "hooks": N_("Hooks"),
    },
}  # fmt: skip
TONES = {"working": "good", "off": "", "suspended": "bad", "failed": "bad"}
DONE = {
    "plugin.on": N_("Plugin switched on"), "plugin.off": N_("Plugin switched off"),
    "plugin.suspended": N_("Plugin stopped after failures"), "plugin.set": N_("Plugin settings changed"),
    "plugin.data_dropped": N_("Plugin data dropped"),
}  # fmt: skip
THINGS = {"plugin_switch": N_("Plugin"), "plugin_setting": N_("Plugin settings"), "plugin": N_("Plugin")}
