CREATE TABLE "service_policy" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "code" VARCHAR(64) NOT NULL, "name" VARCHAR(255) NOT NULL, "settings" TEXT NOT NULL)
CREATE UNIQUE INDEX "service_policy_code" ON "service_policy" ("code")
CREATE TABLE "customer" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "slug" VARCHAR(64) NOT NULL, "name" VARCHAR(255) NOT NULL, "language" VARCHAR(16) NOT NULL, "time_zone" VARCHAR(64) NOT NULL, "currency" VARCHAR(3) NOT NULL, "customer_since" DATE, "policy_id" INTEGER, "policy_overrides" TEXT NOT NULL, "active" INTEGER NOT NULL, "notes" TEXT NOT NULL, FOREIGN KEY ("policy_id") REFERENCES "service_policy" ("id"))
CREATE UNIQUE INDEX "customer_slug" ON "customer" ("slug")
CREATE INDEX "customer_policy_id" ON "customer" ("policy_id")
CREATE TABLE "app_user" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "email" VARCHAR(255) NOT NULL, "name" VARCHAR(255) NOT NULL, "password_hash" VARCHAR(255), "active" INTEGER NOT NULL, "language" VARCHAR(16) NOT NULL, "time_zone" VARCHAR(64) NOT NULL)
CREATE UNIQUE INDEX "app_user_email" ON "app_user" ("email")
CREATE TABLE "account_manager" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "user_id" INTEGER NOT NULL, "since" DATETIME NOT NULL, "until" DATETIME, FOREIGN KEY ("user_id") REFERENCES "app_user" ("id"))
CREATE INDEX "account_manager_user_id" ON "account_manager" ("user_id")
CREATE UNIQUE INDEX "account_manager_active" ON "account_manager" ("customer_id") WHERE until IS NULL
CREATE TABLE "product" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "kind" VARCHAR(16) NOT NULL, "maker" VARCHAR(255) NOT NULL, "name" VARCHAR(255) NOT NULL, "part_number" VARCHAR(255) NOT NULL, "parameters" TEXT NOT NULL, "sold_until" DATE, "supported_until" DATE, "patched_until" DATE, "list_price" TEXT, "notes" TEXT NOT NULL)
CREATE INDEX "product_customer_id_name" ON "product" ("customer_id", "name")
CREATE INDEX "product_part_number" ON "product" ("part_number")
CREATE UNIQUE INDEX "product_house" ON "product" ("maker", "name", "part_number") WHERE customer_id IS NULL
CREATE UNIQUE INDEX "product_customer" ON "product" ("customer_id", "maker", "name", "part_number") WHERE customer_id IS NOT NULL
CREATE TABLE "asset_status" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "code" VARCHAR(32) NOT NULL, "name" VARCHAR(64) NOT NULL, "meta" VARCHAR(16) NOT NULL, "position" INTEGER NOT NULL)
CREATE UNIQUE INDEX "asset_status_code" ON "asset_status" ("code")
CREATE TABLE "site" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "name" VARCHAR(255) NOT NULL, "address" TEXT NOT NULL, "city" VARCHAR(255) NOT NULL, "province" VARCHAR(255) NOT NULL, "country" VARCHAR(2) NOT NULL, "postal_code" VARCHAR(32) NOT NULL)
CREATE UNIQUE INDEX "site_customer_id_name" ON "site" ("customer_id", "name")
CREATE TABLE "contact" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "name" VARCHAR(255) NOT NULL, "email" VARCHAR(255) NOT NULL, "phone" VARCHAR(64) NOT NULL, "title" VARCHAR(255) NOT NULL, "site_id" INTEGER, "trained" INTEGER NOT NULL, "language" VARCHAR(16) NOT NULL, "notes" TEXT NOT NULL, FOREIGN KEY ("site_id") REFERENCES "site" ("id"))
CREATE INDEX "contact_site_id" ON "contact" ("site_id")
CREATE INDEX "contact_customer_id_name" ON "contact" ("customer_id", "name")
CREATE INDEX "contact_customer_id_email" ON "contact" ("customer_id", "email")
CREATE TABLE "asset" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "product_id" INTEGER NOT NULL, "kind" VARCHAR(16) NOT NULL, "serial" VARCHAR(255), "tag" VARCHAR(255), "name" VARCHAR(255) NOT NULL, "status_id" INTEGER NOT NULL, "site_id" INTEGER, "place" VARCHAR(255) NOT NULL, "parent_id" INTEGER, "slot" VARCHAR(255), "holder_id" INTEGER, "purchased_on" DATE, "delivered_on" DATE, "accepted_on" DATE, "launched_on" DATE, "registered_on" DATE, "retired_on" DATE, "supplier" VARCHAR(255) NOT NULL, "order_number" VARCHAR(255) NOT NULL, "cost_minor" INTEGER, "currency" VARCHAR(3), "custom" TEXT NOT NULL, "notes" TEXT NOT NULL, "covered_from" DATE, "covered_until" DATE, FOREIGN KEY ("product_id") REFERENCES "product" ("id"), FOREIGN KEY ("status_id") REFERENCES "asset_status" ("id"), FOREIGN KEY ("site_id") REFERENCES "site" ("id"), FOREIGN KEY ("parent_id") REFERENCES "asset" ("id"), FOREIGN KEY ("holder_id") REFERENCES "contact" ("id"), CHECK (slot IS NULL OR parent_id IS NOT NULL), CHECK (parent_id IS NULL OR (site_id IS NULL AND place = '')))
CREATE INDEX "asset_product_id" ON "asset" ("product_id")
CREATE INDEX "asset_customer_id_id" ON "asset" ("customer_id", "id")
CREATE UNIQUE INDEX "asset_customer_id_serial_product_id" ON "asset" ("customer_id", "serial", "product_id")
CREATE UNIQUE INDEX "asset_customer_id_tag" ON "asset" ("customer_id", "tag")
CREATE INDEX "asset_serial" ON "asset" ("serial")
CREATE INDEX "asset_customer_id_status_id_id" ON "asset" ("customer_id", "status_id", "id")
CREATE INDEX "asset_customer_id_site_id_id" ON "asset" ("customer_id", "site_id", "id")
CREATE INDEX "asset_customer_id_covered_until_id" ON "asset" ("customer_id", "covered_until", "id")
CREATE INDEX "asset_covered_until_id" ON "asset" ("covered_until", "id")
CREATE UNIQUE INDEX "asset_slot" ON "asset" ("parent_id", "slot") WHERE slot IS NOT NULL
CREATE INDEX "asset_parent" ON "asset" ("parent_id") WHERE parent_id IS NOT NULL
CREATE INDEX "asset_holder" ON "asset" ("holder_id") WHERE holder_id IS NOT NULL
CREATE TABLE "asset_field" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "kind" VARCHAR(16) NOT NULL, "name" VARCHAR(64) NOT NULL, "title" VARCHAR(255) NOT NULL, "type" VARCHAR(16) NOT NULL, "choices" TEXT NOT NULL, "required" INTEGER NOT NULL)
CREATE UNIQUE INDEX "asset_field_house" ON "asset_field" ("name") WHERE customer_id IS NULL
CREATE UNIQUE INDEX "asset_field_own" ON "asset_field" ("customer_id", "name") WHERE customer_id IS NOT NULL
CREATE TABLE "audit_entry" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL, "seq" INTEGER NOT NULL, "at" VARCHAR(32) NOT NULL, "actor_kind" VARCHAR(16) NOT NULL, "actor_id" INTEGER, "actor_name" VARCHAR(255) NOT NULL, "address" VARCHAR(64), "request_id" VARCHAR(64), "action" VARCHAR(64) NOT NULL, "object_type" VARCHAR(64) NOT NULL, "object_id" INTEGER, "label" VARCHAR(255) NOT NULL, "batch_id" INTEGER, "before" TEXT, "after" TEXT, "hash" VARCHAR(64) NOT NULL)
CREATE UNIQUE INDEX "audit_entry_customer_id_seq" ON "audit_entry" ("customer_id", "seq")
CREATE INDEX "audit_entry_customer_id_id" ON "audit_entry" ("customer_id", "id")
CREATE INDEX "audit_entry_object_type_object_id_id" ON "audit_entry" ("object_type", "object_id", "id")
CREATE INDEX "audit_entry_batch" ON "audit_entry" ("batch_id", "id") WHERE batch_id IS NOT NULL
CREATE TABLE "chain_head" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL, "seq" INTEGER NOT NULL, "hash" VARCHAR(64) NOT NULL, "changed_at" DATETIME)
CREATE UNIQUE INDEX "chain_head_customer_id" ON "chain_head" ("customer_id")
CREATE TABLE "contract" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "number" VARCHAR(64) NOT NULL, "title" VARCHAR(255) NOT NULL, "starts_on" DATE NOT NULL, "ends_on" DATE, "renewal" VARCHAR(16) NOT NULL, "renewal_period" VARCHAR(32), "notice_days" INTEGER NOT NULL, "notice_on" DATE, "terminated_on" DATE, "termination_reason" VARCHAR(255) NOT NULL, "in_force_until" DATE, "policy_id" INTEGER, "satisfaction_target" DECIMAL(5, 2), "previous_id" INTEGER, "notes" TEXT NOT NULL, FOREIGN KEY ("policy_id") REFERENCES "service_policy" ("id"), FOREIGN KEY ("previous_id") REFERENCES "contract" ("id"), CHECK (starts_on <= ends_on), CHECK (notice_days >= 0))
CREATE INDEX "contract_policy_id" ON "contract" ("policy_id")
CREATE INDEX "contract_previous_id" ON "contract" ("previous_id")
CREATE UNIQUE INDEX "contract_customer_id_number" ON "contract" ("customer_id", "number")
CREATE INDEX "contract_customer_id_id" ON "contract" ("customer_id", "id")
CREATE INDEX "contract_customer_id_in_force_until_id" ON "contract" ("customer_id", "in_force_until", "id")
CREATE TABLE "licence" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "product_id" INTEGER NOT NULL, "name" VARCHAR(255) NOT NULL, "metric" VARCHAR(16) NOT NULL, "quantity" INTEGER, "reassignable" INTEGER NOT NULL, "starts_on" DATE, "ends_on" DATE, "maintenance_until" DATE, "purchased_on" DATE, "delivered_on" DATE, "accepted_on" DATE, "launched_on" DATE, "registered_on" DATE, "proof" TEXT NOT NULL, "order_number" VARCHAR(255) NOT NULL, "supplier" VARCHAR(255) NOT NULL, "licensed_to_name" VARCHAR(255) NOT NULL, "licensed_to_email" VARCHAR(255), "key_sealed" TEXT, "key_hint" VARCHAR(4), "cost_minor" INTEGER, "currency" VARCHAR(3), "notes" TEXT NOT NULL, "covered_from" DATE, "covered_until" DATE, FOREIGN KEY ("product_id") REFERENCES "product" ("id"), CHECK (quantity IS NULL OR quantity >= 0), CHECK (starts_on <= ends_on))
CREATE INDEX "licence_product_id" ON "licence" ("product_id")
CREATE INDEX "licence_customer_id_id" ON "licence" ("customer_id", "id")
CREATE INDEX "licence_customer_id_product_id_id" ON "licence" ("customer_id", "product_id", "id")
CREATE INDEX "licence_customer_id_ends_on_id" ON "licence" ("customer_id", "ends_on", "id")
CREATE INDEX "licence_customer_id_covered_until_id" ON "licence" ("customer_id", "covered_until", "id")
CREATE TABLE "terms" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "code" VARCHAR(64) NOT NULL, "name" VARCHAR(255) NOT NULL, "current" INTEGER NOT NULL)
CREATE UNIQUE INDEX "terms_house" ON "terms" ("code") WHERE customer_id IS NULL
CREATE UNIQUE INDEX "terms_customer" ON "terms" ("customer_id", "code") WHERE customer_id IS NOT NULL
CREATE TABLE "terms_version" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER REFERENCES "customer" ("id"), "terms_id" INTEGER NOT NULL, "number" INTEGER NOT NULL, "body" TEXT NOT NULL, "note" TEXT NOT NULL, "published_at" DATETIME NOT NULL, FOREIGN KEY ("terms_id") REFERENCES "terms" ("id") ON DELETE RESTRICT)
CREATE INDEX "terms_version_terms_id" ON "terms_version" ("terms_id")
CREATE UNIQUE INDEX "terms_version_terms_id_number" ON "terms_version" ("terms_id", "number")
CREATE TABLE "contract_line" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "contract_id" INTEGER NOT NULL, "asset_id" INTEGER, "licence_id" INTEGER, "product_id" INTEGER, "site_id" INTEGER, "everything" INTEGER NOT NULL, "terms_version_id" INTEGER, "starts_on" DATE, "ends_on" DATE, "note" VARCHAR(255) NOT NULL, FOREIGN KEY ("contract_id") REFERENCES "contract" ("id"), FOREIGN KEY ("asset_id") REFERENCES "asset" ("id"), FOREIGN KEY ("licence_id") REFERENCES "licence" ("id"), FOREIGN KEY ("product_id") REFERENCES "product" ("id"), FOREIGN KEY ("site_id") REFERENCES "site" ("id"), FOREIGN KEY ("terms_version_id") REFERENCES "terms_version" ("id"), CHECK (CASE WHEN asset_id IS NULL THEN 0 ELSE 1 END + CASE WHEN licence_id IS NULL THEN 0 ELSE 1 END + CASE WHEN product_id IS NULL THEN 0 ELSE 1 END + CASE WHEN site_id IS NULL THEN 0 ELSE 1 END + CASE WHEN everything THEN 1 ELSE 0 END = 1), CHECK (starts_on <= ends_on))
CREATE INDEX "contract_line_contract_id" ON "contract_line" ("contract_id")
CREATE INDEX "contract_line_asset_id" ON "contract_line" ("asset_id")
CREATE INDEX "contract_line_licence_id" ON "contract_line" ("licence_id")
CREATE INDEX "contract_line_product_id" ON "contract_line" ("product_id")
CREATE INDEX "contract_line_site_id" ON "contract_line" ("site_id")
CREATE INDEX "contract_line_terms_version_id" ON "contract_line" ("terms_version_id")
CREATE UNIQUE INDEX "contract_line_open_asset" ON "contract_line" ("contract_id", "asset_id") WHERE ends_on IS NULL
CREATE UNIQUE INDEX "contract_line_open_licence" ON "contract_line" ("contract_id", "licence_id") WHERE ends_on IS NULL
CREATE UNIQUE INDEX "contract_line_open_product" ON "contract_line" ("contract_id", "product_id") WHERE ends_on IS NULL
CREATE UNIQUE INDEX "contract_line_open_site" ON "contract_line" ("contract_id", "site_id") WHERE ends_on IS NULL
CREATE UNIQUE INDEX "contract_line_open_everything" ON "contract_line" ("contract_id") WHERE everything AND ends_on IS NULL
CREATE TABLE "contract_term" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "contract_id" INTEGER NOT NULL, "number" INTEGER NOT NULL, "starts_on" DATE NOT NULL, "ends_on" DATE, "tacit" INTEGER NOT NULL, "agreed_on" DATE, "note" VARCHAR(255) NOT NULL, FOREIGN KEY ("contract_id") REFERENCES "contract" ("id"), CHECK (starts_on <= ends_on))
CREATE INDEX "contract_term_contract_id" ON "contract_term" ("contract_id")
CREATE UNIQUE INDEX "contract_term_contract_id_number" ON "contract_term" ("contract_id", "number")
CREATE TABLE "warranty" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "asset_id" INTEGER, "licence_id" INTEGER, "kind" VARCHAR(16) NOT NULL, "terms_version_id" INTEGER NOT NULL, "basis" VARCHAR(16) NOT NULL, "starts_on" DATE, "void_on" DATE, "void_reason" TEXT NOT NULL, "closed_on" DATE, "origin_id" INTEGER, "contract" VARCHAR(255) NOT NULL, "note" TEXT NOT NULL, FOREIGN KEY ("asset_id") REFERENCES "asset" ("id"), FOREIGN KEY ("licence_id") REFERENCES "licence" ("id"), FOREIGN KEY ("terms_version_id") REFERENCES "terms_version" ("id"), FOREIGN KEY ("origin_id") REFERENCES "warranty" ("id"), CHECK ((asset_id IS NULL) <> (licence_id IS NULL)))
CREATE INDEX "warranty_terms_version_id" ON "warranty" ("terms_version_id")
CREATE INDEX "warranty_origin_id" ON "warranty" ("origin_id")
CREATE INDEX "warranty_asset_id" ON "warranty" ("asset_id")
CREATE INDEX "warranty_licence_id" ON "warranty" ("licence_id")
CREATE INDEX "warranty_customer_id_id" ON "warranty" ("customer_id", "id")
CREATE TABLE "coverage" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "warranty_id" INTEGER NOT NULL, "asset_id" INTEGER, "licence_id" INTEGER, "remedy" VARCHAR(16) NOT NULL, "position" INTEGER NOT NULL, "starts_on" DATE NOT NULL, "ends_on" DATE NOT NULL, "holds_until" DATE NOT NULL, FOREIGN KEY ("warranty_id") REFERENCES "warranty" ("id") ON DELETE CASCADE, FOREIGN KEY ("asset_id") REFERENCES "asset" ("id"), FOREIGN KEY ("licence_id") REFERENCES "licence" ("id"), CHECK (ends_on >= starts_on))
CREATE INDEX "coverage_warranty_id" ON "coverage" ("warranty_id")
CREATE INDEX "coverage_asset_id_holds_until" ON "coverage" ("asset_id", "holds_until")
CREATE INDEX "coverage_licence_id_holds_until" ON "coverage" ("licence_id", "holds_until")
CREATE INDEX "coverage_customer_id_holds_until" ON "coverage" ("customer_id", "holds_until")
CREATE TABLE "decision" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "asset_id" INTEGER NOT NULL, "decided_for" DATE NOT NULL, "cause" VARCHAR(32), "facts" TEXT NOT NULL, "answer" TEXT NOT NULL, "remedy" VARCHAR(16) NOT NULL, "charge" INTEGER NOT NULL, "charge_reason" TEXT NOT NULL, "deviation_reason" TEXT NOT NULL, "contract" VARCHAR(255) NOT NULL, "approval" TEXT, "quote" TEXT, "work_on" DATE, "decided_by" VARCHAR(255) NOT NULL, "decided_at" DATETIME NOT NULL, FOREIGN KEY ("asset_id") REFERENCES "asset" ("id"))
CREATE INDEX "decision_asset_id" ON "decision" ("asset_id")
CREATE TABLE "event" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" VARCHAR(64) NOT NULL, "customer_id" INTEGER, "object_type" VARCHAR(64) NOT NULL, "object_id" INTEGER, "payload" TEXT NOT NULL, "at" DATETIME NOT NULL)
CREATE INDEX "event_at" ON "event" ("at")
CREATE INDEX "event_customer_id_id" ON "event" ("customer_id", "id")
CREATE TABLE "delivery" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "event_id" INTEGER NOT NULL, "subscriber" VARCHAR(64) NOT NULL, "state" VARCHAR(8) NOT NULL, "tries" INTEGER NOT NULL, "next_at" DATETIME NOT NULL, "error" TEXT, FOREIGN KEY ("event_id") REFERENCES "event" ("id") ON DELETE CASCADE)
CREATE INDEX "delivery_event_id" ON "delivery" ("event_id")
CREATE UNIQUE INDEX "delivery_event_id_subscriber" ON "delivery" ("event_id", "subscriber")
CREATE INDEX "delivery_state_next_at_id" ON "delivery" ("state", "next_at", "id")
CREATE TABLE "product_document" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER REFERENCES "customer" ("id"), "product_id" INTEGER NOT NULL, "kind" VARCHAR(32) NOT NULL, "title" VARCHAR(255) NOT NULL, "url" TEXT NOT NULL, "added_at" DATETIME NOT NULL, FOREIGN KEY ("product_id") REFERENCES "product" ("id") ON DELETE CASCADE)
CREATE INDEX "product_document_product_id" ON "product_document" ("product_id")
CREATE TABLE "contract_duty" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "contract_id" INTEGER NOT NULL, "line_id" INTEGER, "product_id" INTEGER, "kind" VARCHAR(16) NOT NULL, "title" VARCHAR(255) NOT NULL, "due_on" DATE, "every" VARCHAR(32), "per_year" INTEGER, FOREIGN KEY ("contract_id") REFERENCES "contract" ("id"), FOREIGN KEY ("line_id") REFERENCES "contract_line" ("id"), FOREIGN KEY ("product_id") REFERENCES "product" ("id"), CHECK (every IS NULL OR due_on IS NOT NULL), CHECK (per_year IS NULL OR (per_year > 0 AND every IS NULL AND due_on IS NULL)))
CREATE INDEX "contract_duty_contract_id" ON "contract_duty" ("contract_id")
CREATE INDEX "contract_duty_line_id" ON "contract_duty" ("line_id")
CREATE INDEX "contract_duty_product_id" ON "contract_duty" ("product_id")
CREATE TABLE "duty_done" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "duty_id" INTEGER NOT NULL, "done_on" DATE NOT NULL, "done_by" VARCHAR(255) NOT NULL, "note" TEXT NOT NULL, "evidence" TEXT NOT NULL, FOREIGN KEY ("duty_id") REFERENCES "contract_duty" ("id"))
CREATE INDEX "duty_done_duty_id" ON "duty_done" ("duty_id")
CREATE INDEX "duty_done_duty_id_done_on" ON "duty_done" ("duty_id", "done_on")
CREATE TABLE "import_session" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "kind" VARCHAR(32) NOT NULL, "filename" VARCHAR(255) NOT NULL, "file_key" VARCHAR(64) NOT NULL, "mode" VARCHAR(8) NOT NULL, "key" VARCHAR(64) NOT NULL, "on_error" VARCHAR(8) NOT NULL, "options" TEXT NOT NULL, "state" VARCHAR(16) NOT NULL, "dry_run" INTEGER NOT NULL, "actor_id" INTEGER, "actor_name" VARCHAR(255) NOT NULL, "rows" INTEGER NOT NULL, "created" INTEGER NOT NULL, "updated" INTEGER NOT NULL, "unchanged" INTEGER NOT NULL, "skipped" INTEGER NOT NULL, "error_count" INTEGER NOT NULL, "errors" TEXT NOT NULL, "notices" TEXT NOT NULL, "mapping" TEXT NOT NULL, "kept" TEXT NOT NULL, "finished_at" DATETIME)
CREATE INDEX "import_session_customer_id_id" ON "import_session" ("customer_id", "id")
CREATE TABLE "licence_assignment" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "licence_id" INTEGER NOT NULL, "asset_id" INTEGER, "contact_id" INTEGER, "quantity" INTEGER NOT NULL, "assigned_on" DATE NOT NULL, "released_on" DATE, FOREIGN KEY ("licence_id") REFERENCES "licence" ("id"), FOREIGN KEY ("asset_id") REFERENCES "asset" ("id"), FOREIGN KEY ("contact_id") REFERENCES "contact" ("id"), CHECK ((asset_id IS NULL) <> (contact_id IS NULL)), CHECK (quantity > 0), CHECK (assigned_on <= released_on))
CREATE INDEX "licence_assignment_licence_id" ON "licence_assignment" ("licence_id")
CREATE INDEX "licence_assignment_asset_id" ON "licence_assignment" ("asset_id")
CREATE INDEX "licence_assignment_contact_id" ON "licence_assignment" ("contact_id")
CREATE UNIQUE INDEX "licence_assignment_asset_active" ON "licence_assignment" ("licence_id", "asset_id") WHERE released_on IS NULL
CREATE UNIQUE INDEX "licence_assignment_contact_active" ON "licence_assignment" ("licence_id", "contact_id") WHERE released_on IS NULL
CREATE TABLE "membership" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" INTEGER NOT NULL, "customer_id" INTEGER REFERENCES "customer" ("id"), "role" VARCHAR(32) NOT NULL, FOREIGN KEY ("user_id") REFERENCES "app_user" ("id") ON DELETE CASCADE)
CREATE INDEX "membership_user_id" ON "membership" ("user_id")
CREATE UNIQUE INDEX "membership_customer" ON "membership" ("user_id", "customer_id")
CREATE UNIQUE INDEX "membership_house" ON "membership" ("user_id") WHERE customer_id IS NULL
CREATE INDEX "membership_by_customer" ON "membership" ("customer_id", "user_id")
CREATE TABLE "import_mapping" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "name" VARCHAR(100) NOT NULL, "kind" VARCHAR(32) NOT NULL, "columns" TEXT NOT NULL, "options" TEXT NOT NULL)
CREATE UNIQUE INDEX "import_mapping_customer_id_kind_name" ON "import_mapping" ("customer_id", "kind", "name")
CREATE TABLE "scope_function" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "asset_id" INTEGER, "licence_id" INTEGER, "name" VARCHAR(255) NOT NULL, "agreed_on" DATE NOT NULL, "customer_party" VARCHAR(255) NOT NULL, "our_party" VARCHAR(255) NOT NULL, "created_at" DATETIME NOT NULL, FOREIGN KEY ("asset_id") REFERENCES "asset" ("id"), FOREIGN KEY ("licence_id") REFERENCES "licence" ("id"), CHECK ((asset_id IS NULL) <> (licence_id IS NULL)))
CREATE INDEX "scope_function_asset_id" ON "scope_function" ("asset_id")
CREATE INDEX "scope_function_licence_id" ON "scope_function" ("licence_id")
CREATE TABLE "session" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "id_hash" VARCHAR(64) NOT NULL, "user_id" INTEGER NOT NULL, "csrf" VARCHAR(64) NOT NULL, "created_at" DATETIME NOT NULL, "seen_at" DATETIME NOT NULL, "address" VARCHAR(64), "agent" VARCHAR(255), FOREIGN KEY ("user_id") REFERENCES "app_user" ("id") ON DELETE CASCADE)
CREATE UNIQUE INDEX "session_id_hash" ON "session" ("id_hash")
CREATE INDEX "session_user_id" ON "session" ("user_id")
CREATE TABLE "token" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" INTEGER NOT NULL, "name" VARCHAR(100) NOT NULL, "prefix" VARCHAR(12) NOT NULL, "hash" VARCHAR(64) NOT NULL, "scope" TEXT, "created_at" DATETIME NOT NULL, "expires_at" DATETIME NOT NULL, "last_used_at" DATETIME, "last_used_address" VARCHAR(64), "revoked_at" DATETIME, "version" INTEGER NOT NULL, FOREIGN KEY ("user_id") REFERENCES "app_user" ("id") ON DELETE CASCADE)
CREATE INDEX "token_user_id" ON "token" ("user_id")
CREATE UNIQUE INDEX "token_hash" ON "token" ("hash")
CREATE TABLE "warranty_change" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "warranty_id" INTEGER NOT NULL, "kind" VARCHAR(16) NOT NULL, "at" DATETIME NOT NULL, "actor_name" VARCHAR(255) NOT NULL, "reason" TEXT NOT NULL, "before" TEXT NOT NULL, "after" TEXT NOT NULL, FOREIGN KEY ("warranty_id") REFERENCES "warranty" ("id") ON DELETE CASCADE)
CREATE INDEX "warranty_change_warranty_id" ON "warranty_change" ("warranty_id")
CREATE VIRTUAL TABLE asset_fts USING fts5(serial, tag, name, content='asset', content_rowid='id', tokenize='trigram', columnsize=0)
CREATE TRIGGER asset_fts_insert AFTER INSERT ON asset BEGIN INSERT INTO asset_fts(rowid, serial, tag, name) VALUES (new.id, new.serial, new.tag, new.name); END
CREATE TRIGGER asset_fts_delete AFTER DELETE ON asset BEGIN INSERT INTO asset_fts(asset_fts, rowid, serial, tag, name) VALUES ('delete', old.id, old.serial, old.tag, old.name); END
CREATE TRIGGER asset_fts_update AFTER UPDATE OF serial, tag, name ON asset BEGIN INSERT INTO asset_fts(asset_fts, rowid, serial, tag, name) VALUES ('delete', old.id, old.serial, old.tag, old.name); INSERT INTO asset_fts(rowid, serial, tag, name) VALUES (new.id, new.serial, new.tag, new.name); END
CREATE VIRTUAL TABLE contact_fts USING fts5(name, email, phone, content='contact', content_rowid='id', tokenize='trigram', columnsize=0)
CREATE TRIGGER contact_fts_insert AFTER INSERT ON contact BEGIN INSERT INTO contact_fts(rowid, name, email, phone) VALUES (new.id, new.name, new.email, new.phone); END
CREATE TRIGGER contact_fts_delete AFTER DELETE ON contact BEGIN INSERT INTO contact_fts(contact_fts, rowid, name, email, phone) VALUES ('delete', old.id, old.name, old.email, old.phone); END
CREATE TRIGGER contact_fts_update AFTER UPDATE OF name, email, phone ON contact BEGIN INSERT INTO contact_fts(contact_fts, rowid, name, email, phone) VALUES ('delete', old.id, old.name, old.email, old.phone); INSERT INTO contact_fts(rowid, name, email, phone) VALUES (new.id, new.name, new.email, new.phone); END
CREATE VIRTUAL TABLE contract_fts USING fts5(number, title, content='contract', content_rowid='id', tokenize='trigram', columnsize=0)
CREATE TRIGGER contract_fts_insert AFTER INSERT ON contract BEGIN INSERT INTO contract_fts(rowid, number, title) VALUES (new.id, new.number, new.title); END
CREATE TRIGGER contract_fts_delete AFTER DELETE ON contract BEGIN INSERT INTO contract_fts(contract_fts, rowid, number, title) VALUES ('delete', old.id, old.number, old.title); END
CREATE TRIGGER contract_fts_update AFTER UPDATE OF number, title ON contract BEGIN INSERT INTO contract_fts(contract_fts, rowid, number, title) VALUES ('delete', old.id, old.number, old.title); INSERT INTO contract_fts(rowid, number, title) VALUES (new.id, new.number, new.title); END
CREATE VIRTUAL TABLE customer_fts USING fts5(slug, name, content='customer', content_rowid='id', tokenize='trigram', columnsize=0)
CREATE TRIGGER customer_fts_insert AFTER INSERT ON customer BEGIN INSERT INTO customer_fts(rowid, slug, name) VALUES (new.id, new.slug, new.name); END
CREATE TRIGGER customer_fts_delete AFTER DELETE ON customer BEGIN INSERT INTO customer_fts(customer_fts, rowid, slug, name) VALUES ('delete', old.id, old.slug, old.name); END
CREATE TRIGGER customer_fts_update AFTER UPDATE OF slug, name ON customer BEGIN INSERT INTO customer_fts(customer_fts, rowid, slug, name) VALUES ('delete', old.id, old.slug, old.name); INSERT INTO customer_fts(rowid, slug, name) VALUES (new.id, new.slug, new.name); END
CREATE VIRTUAL TABLE licence_fts USING fts5(name, supplier, order_number, licensed_to_name, content='licence', content_rowid='id', tokenize='trigram', columnsize=0)
CREATE TRIGGER licence_fts_insert AFTER INSERT ON licence BEGIN INSERT INTO licence_fts(rowid, name, supplier, order_number, licensed_to_name) VALUES (new.id, new.name, new.supplier, new.order_number, new.licensed_to_name); END
CREATE TRIGGER licence_fts_delete AFTER DELETE ON licence BEGIN INSERT INTO licence_fts(licence_fts, rowid, name, supplier, order_number, licensed_to_name) VALUES ('delete', old.id, old.name, old.supplier, old.order_number, old.licensed_to_name); END
CREATE TRIGGER licence_fts_update AFTER UPDATE OF name, supplier, order_number, licensed_to_name ON licence BEGIN INSERT INTO licence_fts(licence_fts, rowid, name, supplier, order_number, licensed_to_name) VALUES ('delete', old.id, old.name, old.supplier, old.order_number, old.licensed_to_name); INSERT INTO licence_fts(rowid, name, supplier, order_number, licensed_to_name) VALUES (new.id, new.name, new.supplier, new.order_number, new.licensed_to_name); END
CREATE VIRTUAL TABLE product_fts USING fts5(name, maker, part_number, content='product', content_rowid='id', tokenize='trigram', columnsize=0)
CREATE TRIGGER product_fts_insert AFTER INSERT ON product BEGIN INSERT INTO product_fts(rowid, name, maker, part_number) VALUES (new.id, new.name, new.maker, new.part_number); END
CREATE TRIGGER product_fts_delete AFTER DELETE ON product BEGIN INSERT INTO product_fts(product_fts, rowid, name, maker, part_number) VALUES ('delete', old.id, old.name, old.maker, old.part_number); END
CREATE TRIGGER product_fts_update AFTER UPDATE OF name, maker, part_number ON product BEGIN INSERT INTO product_fts(product_fts, rowid, name, maker, part_number) VALUES ('delete', old.id, old.name, old.maker, old.part_number); INSERT INTO product_fts(rowid, name, maker, part_number) VALUES (new.id, new.name, new.maker, new.part_number); END
CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END
CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END
