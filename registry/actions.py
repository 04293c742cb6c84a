"""Everything that can happen, in one list: the tags of the audit chain and the names of events."""

from enum import StrEnum


class Action(StrEnum):
    CUSTOMER_CREATED = "customer.created"
    CUSTOMER_CHANGED = "customer.changed"
    MANAGER_ASSIGNED = "customer.manager_assigned"
    SITE_CREATED = "site.created"
    SITE_CHANGED = "site.changed"
    SITE_REMOVED = "site.removed"
    CONTACT_CREATED = "contact.created"
    CONTACT_CHANGED = "contact.changed"
    CONTACT_REMOVED = "contact.removed"
    POLICY_CREATED = "policy.created"
    POLICY_CHANGED = "policy.changed"

    USER_CREATED = "user.created"
    USER_CHANGED = "user.changed"
    USER_DEACTIVATED = "user.deactivated"
    PASSWORD_CHANGED = "user.password_changed"  # noqa: S105 - a tag, not a secret
    SIGNED_IN = "user.signed_in"
    SIGN_IN_FAILED = "user.sign_in_failed"
    SIGNED_OUT = "user.signed_out"
    TOKEN_CREATED = "token.created"  # noqa: S105
    TOKEN_REVOKED = "token.revoked"  # noqa: S105

    PRODUCT_CREATED = "product.created"
    PRODUCT_CHANGED = "product.changed"
    DOCUMENT_ATTACHED = "product.document_attached"
    DOCUMENT_REMOVED = "product.document_removed"

    ASSET_CREATED = "asset.created"
    ASSET_CHANGED = "asset.changed"
    ASSET_RETIRED = "asset.retired"
    ASSET_REMOVED = "asset.removed"
    STATUS_CHANGED = "asset_status.changed"
    FIELD_DEFINED = "asset_field.defined"
    FIELD_REMOVED = "asset_field.removed"

    LICENCE_CREATED = "licence.created"
    LICENCE_CHANGED = "licence.changed"
    LICENCE_REMOVED = "licence.removed"
    LICENCE_KEY_SHOWN = "licence.key_shown"
    LICENCE_ASSIGNED = "licence.assigned"
    LICENCE_RELEASED = "licence.released"

    TERMS_CREATED = "terms.created"
    TERMS_PUBLISHED = "terms.published"
    WARRANTY_STARTED = "warranty.started"
    WARRANTY_REDATED = "warranty.redated"
    WARRANTY_EXTENDED = "warranty.extended"
    WARRANTY_VOIDED = "warranty.voided"
    WARRANTY_TRANSFERRED = "warranty.transferred"
    FUNCTION_AGREED = "warranty.function_agreed"
    DECISION_RECORDED = "warranty.decision_recorded"

    CONTRACT_CREATED = "contract.created"
    CONTRACT_CHANGED = "contract.changed"
    CONTRACT_RENEWED = "contract.renewed"
    CONTRACT_TERMINATED = "contract.terminated"
    CONTRACT_LINE_ADDED = "contract.line_added"
    CONTRACT_LINE_REMOVED = "contract.line_removed"
    DUTY_ADDED = "contract.duty_added"
    DUTY_DONE = "contract.duty_done"
    CONTRACT_LINE_CHANGED = "contract.line_changed"
    DUTY_REMOVED = "contract.duty_removed"

    IMPORT_CREATED = "import.created"
    IMPORT_APPLIED = "import.applied"
    IMPORT_UNDONE = "import.undone"
    IMPORT_FAILED = "import.failed"
    MAPPING_SAVED = "import.mapping_saved"
    EXPORTED = "export.made"
