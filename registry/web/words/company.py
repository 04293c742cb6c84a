"""Words for codes about people, notices, handing over and settings; registry/web/words/codes.py shows them all."""

from registry.kernel.language import N_

WORDS: dict[str, dict[str, str]] = {
    "role": {
        "admin": N_("Administrator"), "supervisor": N_("Supervisor"), "engineer": N_("Engineer"),
        "account_manager": N_("Account manager"), "auditor": N_("Auditor"), "manager": N_("Manager"),
        "member": N_("Member"), "reader": N_("Reader"),
    },
    "role_meaning": {
        "admin": N_("May do everything, settings and erasure included."),
        "supervisor": N_("Leads the service: terms, contracts, customers, and the people who sign in."),
        "engineer": N_("Does the service: assets, licences, warranties, products, imports, custody."),
        "account_manager": N_("Looks after customers: contracts, terms, notices, and all an engineer may."),
        "auditor": N_("Sees everything and the history, changes nothing."),
        "manager": N_("Runs it for the company: people, sites, notices, packages, and all a member may."),
        "member": N_("Adds and changes assets and licences."),
        "reader": N_("Looks and exports, changes nothing."),
    },
    "account_kind": {"person": N_("Person"), "machine": N_("Program")},
    "invitation": {
        "none": N_("Not invited"), "open": N_("Invited"), "expired": N_("Invitation expired"),
        "withdrawn": N_("Invitation withdrawn"), "joined": N_("Joined"),
    },
    "proof": {
        "second_factor": N_("Authenticator app"), "passkeys": N_("Passkeys"), "identities": N_("Single sign-on"),
    },
    "how": {
        "password": N_("Password"), "passkey": N_("Passkey"), "oidc": N_("Single sign-on"), "link": N_("Mailed link"),
        "code": N_("Code of the app"), "recovery": N_("Recovery code"),
        "plugin": N_("Another directory"),
    },
    "notice_kind": {
        "warranty": N_("Warranties"), "licence": N_("Licences and their maintenance"), "contract": N_("Contracts"),
    },
    "topic": {
        "asset_warranty": N_("Warranty of an asset"), "licence_warranty": N_("Warranty of a licence"),
        "licence": N_("Licence"), "maintenance": N_("Maintenance of a licence"), "contract": N_("Contract"),
        "contract_part": N_("Part of a contract"), "contract_notice": N_("Last day to give notice"),
    },
    "weekday": {
        "1": N_("Monday"), "2": N_("Tuesday"), "3": N_("Wednesday"), "4": N_("Thursday"), "5": N_("Friday"),
        "6": N_("Saturday"), "7": N_("Sunday"),
    },
    "delivery_state": {"pending": N_("On its way"), "done": N_("Delivered"), "parked": N_("Given up")},
    "package_state": {
        "queued": N_("Waiting"), "running": N_("Being made"), "done": N_("Ready"), "failed": N_("Failed"),
        "expired": N_("Deleted after its time"),
    },
    "list": {
        "assets": N_("Assets"), "licences": N_("Licences"), "warranties": N_("Warranties"),
        "contracts": N_("Contracts"), "contacts": N_("Contacts"), "sites": N_("Sites"),
    },
    "item_kind": {
        "document": N_("Document"), "media": N_("Storage medium"), "device": N_("Device"),
        "digital_copy": N_("Digital copy"),
    },
    "task_state": {"open": N_("Open"), "finished": N_("Work done, return due"), "closed": N_("Closed")},
    "erasure_state": {
        "queued": N_("Waiting"), "running": N_("Erasing"), "done": N_("Done"), "failed": N_("Stopped"),
    },
    "stage": {
        "letters": N_("Mails and waiting jobs"), "rows": N_("Records"), "chain": N_("History"),
        "last": N_("The customer itself"), "files": N_("Files"), "scrub": N_("Rewriting the database"),
        "certificate": N_("Certificate"),
    },
    "meta": {
        "planned": N_("Planned"), "in_use": N_("In use"), "in_stock": N_("In stock"), "in_repair": N_("In repair"),
        "at_supplier": N_("At supplier"), "retired": N_("Retired"), "lost": N_("Lost"),
    },
    "field_type": {
        "text": N_("Text"), "integer": N_("Whole number"), "decimal": N_("Decimal number"), "boolean": N_("Yes or no"),
        "day": N_("Date"), "choice": N_("Choice"),
    },
    "promise": {
        "targets": N_("Targets"), "channels": N_("Channels"), "visits": N_("Visits"), "calendar": N_("Hours"),
        "patrols_per_year": N_("Patrols a year"), "opening": N_("Opening"), "closing": N_("Closing"),
        "level_1": N_("Level 1"), "level_2": N_("Level 2"), "level_3": N_("Level 3"), "response": N_("response"),
        "on_site": N_("on site"), "solve": N_("solved"), "issue": N_("an issue"), "next_issue": N_("the next issue"),
        "telephone": N_("telephone"), "e_mail": N_("e-mail"), "same_city": N_("in the same city"),
        "same_province": N_("in the same province"), "other_province": N_("in another province"),
        "clock": N_("counted in"), "elapsed": N_("hours of the clock"), "business": N_("hours of work"),
        "every": N_("every"), "next_business_day": N_("the next working day"),
        "appointment_or_next_visit": N_("by appointment or at the next visit"),
        "as_soon_as_possible": N_("as soon as possible"),
    },
    # Why something was given out; what an approval is for stands in the approver's own words.
    "purpose": {"own data": N_("Own data"), "own work": N_("Service work"), "third party": N_("For a third party")},
    "check_state": {"ok": N_("In order"), "advice": N_("Advice"), "fault": N_("Needs you")},
    "actor_kind": {
        "user": N_("signed in"), "token": N_("by token"), "command": N_("on the command line"),
        "job": N_("by the worker"), "system": N_("by Assetcare itself"), "link": N_("by a link in a mail"),
    },
    "trouble": {
        "400": N_("This request cannot be read"), "401": N_("Sign in first"), "403": N_("This is not yours to do"),
        "404": N_("There is nothing here"), "405": N_("This does not work here"),
        "409": N_("This contradicts what is stored"), "410": N_("This link no longer works"),
        "412": N_("Somebody was faster"), "413": N_("Too large"),
        "422": N_("Something needs correcting"), "429": N_("Too many attempts"), "503": N_("Busy for a moment"),
        "4": N_("This request was refused"), "5": N_("Something went wrong on our side"),
    },
    "mail": {
        "email_change": N_("Confirm a new address"), "email_changed_notice": N_("Address was changed"),
        "identity_linked": N_("Single sign-on was linked"), "identity_unlinked": N_("Single sign-on was unlinked"),
        "invitation": N_("Invitation"), "mail_test": N_("Test mail"), "notice": N_("What ends soon"),
        "passkey_added": N_("Passkey was added"), "passkey_removed": N_("Passkey was removed"),
        "password_changed": N_("Password was changed"), "password_reset": N_("Forgotten password"),
        "second_factor_off": N_("Second factor is off"), "second_factor_on": N_("Second factor is on"),
        "webhook_off": N_("Webhook was switched off"),
        "plugin_stopped": N_("A plugin was stopped"),
    },
    # Whose an address is that somebody typed.
    "standing": {
        "own": N_("Of the customer"), "office": N_("Of the operator"), "third": N_("A third party"),
    },
    # What `assetcare check` looks at.
    "checked": {
        "audit chains": N_("Audit chains"), "clock": N_("Clock"), "data folder": N_("Data folder"),
        "database": N_("Database"), "deliveries": N_("Deliveries"), "disk": N_("Disk"),
        "file store": N_("File store"), "host names": N_("Host names"), "mail": N_("Mail"), "people": N_("People"),
        "plugins": N_("Plugins"),
        "proxies": N_("Proxies"), "public address": N_("Public address"), "queue": N_("Queue"),
        "second wall": N_("Second wall"), "secret": N_("Secret"), "time zones": N_("Time zones"),
        "worker": N_("Worker"),
    },
}  # fmt: skip
