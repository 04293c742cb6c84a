ALTER TABLE "app_user" ADD COLUMN "kind" VARCHAR(16) NOT NULL DEFAULT 'person'
ALTER TABLE "app_user" ADD COLUMN "shut_by_house" BOOLEAN NOT NULL DEFAULT false
CREATE TABLE "disclosure_approval" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "recipient" VARCHAR(255) NOT NULL, "purpose" TEXT NOT NULL, "scope" JSONB NOT NULL, "approved_on" DATE NOT NULL, "approved_by" VARCHAR(255) NOT NULL, "valid_until" DATE, "written_reference" VARCHAR(255), "recorded_by" VARCHAR(255) NOT NULL, "stored_at" TIMESTAMP NOT NULL, "revoked_at" TIMESTAMP, "revoked_by" VARCHAR(255), "revoke_reason" TEXT NOT NULL, CHECK (valid_until >= approved_on))
CREATE INDEX "disclosure_approval_customer_id_recipient" ON "disclosure_approval" ("customer_id", "recipient")
CREATE INDEX "asset_tag" ON "asset" ("tag") WHERE tag IS NOT NULL
CREATE TABLE "bucket" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "key" VARCHAR(64) NOT NULL, "full_at" BIGINT NOT NULL)
CREATE UNIQUE INDEX "bucket_key" ON "bucket" ("key")
CREATE INDEX "bucket_full_at" ON "bucket" ("full_at")
ALTER TABLE "token" ADD COLUMN "made_with" BIGINT
CREATE TABLE "calendar_feed" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "user_id" BIGINT NOT NULL, "token_id" BIGINT, "hash" VARCHAR(64) NOT NULL, "created_at" TIMESTAMP NOT NULL, "read_at" TIMESTAMP, FOREIGN KEY ("user_id") REFERENCES "app_user" ("id") ON DELETE CASCADE, FOREIGN KEY ("token_id") REFERENCES "token" ("id") ON DELETE CASCADE)
CREATE INDEX "calendar_feed_user_id" ON "calendar_feed" ("user_id")
CREATE UNIQUE INDEX "calendar_feed_token_id" ON "calendar_feed" ("token_id")
CREATE UNIQUE INDEX "calendar_feed_hash" ON "calendar_feed" ("hash")
CREATE UNIQUE INDEX "calendar_feed_own" ON "calendar_feed" ("user_id") WHERE token_id IS NULL
ALTER TABLE "licence" ADD COLUMN "hard_limit" BOOLEAN NOT NULL DEFAULT false
CREATE TABLE "custody_task" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "title" VARCHAR(255) NOT NULL, "reference" VARCHAR(255) NOT NULL, "note" TEXT NOT NULL, "state" VARCHAR(8) NOT NULL, "finished_at" TIMESTAMP, "closed_at" TIMESTAMP, CHECK (state IN ('open', 'finished', 'closed')))
CREATE INDEX "custody_task_customer_id_state_id" ON "custody_task" ("customer_id", "state", "id")
CREATE TABLE "custody_item" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "task_id" BIGINT NOT NULL, "what" VARCHAR(255) NOT NULL, "kind" VARCHAR(16) NOT NULL, "quantity" INTEGER NOT NULL, "taken_at" TIMESTAMP NOT NULL, "taken_by" VARCHAR(255) NOT NULL, "taken_from" VARCHAR(255) NOT NULL, "site_id" BIGINT, "asset_id" BIGINT, "note" TEXT NOT NULL, "due_at" TIMESTAMP, "returned_at" TIMESTAMP, "returned_to" VARCHAR(255), "returned_by" VARCHAR(255), "deleted_at" TIMESTAMP, "deleted_by" VARCHAR(255), "deletion_method" VARCHAR(255), FOREIGN KEY ("task_id") REFERENCES "custody_task" ("id"), FOREIGN KEY ("site_id") REFERENCES "site" ("id"), FOREIGN KEY ("asset_id") REFERENCES "asset" ("id"), CHECK (quantity > 0), CHECK (returned_at IS NULL OR kind <> 'digital_copy'), CHECK (deleted_at IS NULL OR kind = 'digital_copy'))
CREATE INDEX "custody_item_task_id" ON "custody_item" ("task_id")
CREATE INDEX "custody_item_site_id" ON "custody_item" ("site_id")
CREATE INDEX "custody_item_asset_id" ON "custody_item" ("asset_id")
CREATE INDEX "custody_item_customer_id_due_at" ON "custody_item" ("customer_id", "due_at")
CREATE INDEX "custody_item_task_id_id" ON "custody_item" ("task_id", "id")
CREATE TABLE "departure" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "announced_on" DATE NOT NULL, "announced_by" VARCHAR(255) NOT NULL, "reference" VARCHAR(255) NOT NULL, "waiver_reference" VARCHAR(255), "waiver_by" VARCHAR(255), "waiver_on" DATE)
CREATE UNIQUE INDEX "departure_customer_id" ON "departure" ("customer_id")
CREATE TABLE "erasure" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "number" VARCHAR(16) NOT NULL, "former_id" INTEGER NOT NULL, "salt" VARCHAR(32) NOT NULL, "mark" VARCHAR(64) NOT NULL, "state" VARCHAR(8) NOT NULL, "stage" VARCHAR(16) NOT NULL, "people" JSONB NOT NULL, "counts" JSONB NOT NULL, "conditions" JSONB NOT NULL, "requested_by" VARCHAR(255) NOT NULL, "requested_at" TIMESTAMP NOT NULL, "finished_at" TIMESTAMP, "error" TEXT, "certificate" TEXT, "signature" VARCHAR(128), "version" INTEGER NOT NULL)
CREATE UNIQUE INDEX "erasure_number" ON "erasure" ("number")
CREATE UNIQUE INDEX "erasure_former_id" ON "erasure" ("former_id")
CREATE TABLE "installation" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "name" VARCHAR(64) NOT NULL, "value" TEXT NOT NULL)
CREATE UNIQUE INDEX "installation_name" ON "installation" ("name")
CREATE TABLE "handshake" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "purpose" VARCHAR(16) NOT NULL, "hash" VARCHAR(64) NOT NULL, "browser" VARCHAR(64) NOT NULL, "user_id" BIGINT, "sealed" TEXT, "expires_at" TIMESTAMP NOT NULL, FOREIGN KEY ("user_id") REFERENCES "app_user" ("id") ON DELETE CASCADE)
CREATE UNIQUE INDEX "handshake_hash" ON "handshake" ("hash")
CREATE INDEX "handshake_user_id" ON "handshake" ("user_id")
CREATE INDEX "handshake_expires_at" ON "handshake" ("expires_at")
ALTER TABLE "import_session" ADD COLUMN "file_size" BIGINT
CREATE TABLE "job_ticket" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "name" VARCHAR(64) NOT NULL, "arguments" JSONB NOT NULL, "made_at" TIMESTAMP NOT NULL, "due_at" TIMESTAMP NOT NULL, "seen_at" TIMESTAMP, "reminders" INTEGER NOT NULL, "tries" INTEGER NOT NULL, "error" TEXT)
CREATE INDEX "job_ticket_due_at" ON "job_ticket" ("due_at")
CREATE INDEX "job_ticket_name" ON "job_ticket" ("name")
CREATE TABLE "job_turn" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "name" VARCHAR(64) NOT NULL, "due_at" TIMESTAMP NOT NULL, "ran_at" TIMESTAMP, "error" TEXT)
CREATE UNIQUE INDEX "job_turn_name" ON "job_turn" ("name")
CREATE TABLE "linked_identity" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "user_id" BIGINT NOT NULL, "issuer" VARCHAR(255) NOT NULL, "subject" VARCHAR(255) NOT NULL, "email" VARCHAR(255) NOT NULL, "created_at" TIMESTAMP NOT NULL, "last_used_at" TIMESTAMP, FOREIGN KEY ("user_id") REFERENCES "app_user" ("id") ON DELETE CASCADE)
CREATE INDEX "linked_identity_user_id" ON "linked_identity" ("user_id")
CREATE UNIQUE INDEX "linked_identity_issuer_subject" ON "linked_identity" ("issuer", "subject")
CREATE UNIQUE INDEX "linked_identity_user_id_issuer" ON "linked_identity" ("user_id", "issuer")
CREATE TABLE "mail" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER REFERENCES "customer" ("id"), "name" VARCHAR(64) NOT NULL, "to" VARCHAR(255) NOT NULL, "language" VARCHAR(16) NOT NULL, "sealed" TEXT, "unsubscribe" VARCHAR(255), "message_id" VARCHAR(255) NOT NULL, "state" VARCHAR(8) NOT NULL, "tries" INTEGER NOT NULL, "next_at" TIMESTAMP NOT NULL, "error" TEXT, "created_at" TIMESTAMP NOT NULL, "sent_at" TIMESTAMP)
CREATE UNIQUE INDEX "mail_message_id" ON "mail" ("message_id")
CREATE INDEX "mail_state_next_at_id" ON "mail" ("state", "next_at", "id")
CREATE INDEX "mail_customer_id_id" ON "mail" ("customer_id", "id")
CREATE TABLE "mailed_link" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "user_id" BIGINT NOT NULL, "purpose" VARCHAR(16) NOT NULL, "hash" VARCHAR(64) NOT NULL, "address" VARCHAR(255) NOT NULL, "mark" VARCHAR(64) NOT NULL, "created_at" TIMESTAMP NOT NULL, "expires_at" TIMESTAMP NOT NULL, "ended_at" TIMESTAMP, "end" VARCHAR(16), FOREIGN KEY ("user_id") REFERENCES "app_user" ("id") ON DELETE CASCADE)
CREATE INDEX "mailed_link_user_id" ON "mailed_link" ("user_id")
CREATE UNIQUE INDEX "mailed_link_hash" ON "mailed_link" ("hash")
CREATE INDEX "mailed_link_user_id_purpose_ended_at" ON "mailed_link" ("user_id", "purpose", "ended_at")
CREATE TABLE "mail_text" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "name" VARCHAR(64) NOT NULL, "language" VARCHAR(16) NOT NULL, "subject" VARCHAR(200), "body" TEXT)
CREATE UNIQUE INDEX "mail_text_name_language" ON "mail_text" ("name", "language")
CREATE TABLE "notice_run" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "at" TIMESTAMP NOT NULL, "announced_on" DATE NOT NULL, "counts" JSONB NOT NULL, "mailed_at" TIMESTAMP)
CREATE INDEX "notice_run_customer_id_id" ON "notice_run" ("customer_id", "id")
CREATE INDEX "notice_run_mailed_at_id" ON "notice_run" ("mailed_at", "id")
CREATE TABLE "notice" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "topic" VARCHAR(24) NOT NULL, "subject_id" BIGINT NOT NULL, "ends_on" DATE NOT NULL, "step" INTEGER NOT NULL, "run_id" BIGINT NOT NULL, FOREIGN KEY ("run_id") REFERENCES "notice_run" ("id") ON DELETE CASCADE)
CREATE INDEX "notice_run_id" ON "notice" ("run_id")
CREATE UNIQUE INDEX "notice_customer_id_topic_subject_id_ends_on_step" ON "notice" ("customer_id", "topic", "subject_id", "ends_on", "step")
CREATE INDEX "notice_customer_id_id" ON "notice" ("customer_id", "id")
CREATE TABLE "notice_choice" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "user_id" BIGINT NOT NULL, "muted" JSONB NOT NULL, FOREIGN KEY ("user_id") REFERENCES "app_user" ("id") ON DELETE CASCADE)
CREATE UNIQUE INDEX "notice_choice_user_id" ON "notice_choice" ("user_id")
CREATE TABLE "notice_plan" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "enabled" BOOLEAN NOT NULL, "steps" JSONB NOT NULL, "kinds" JSONB NOT NULL, "roles" JSONB NOT NULL, "users" JSONB NOT NULL, "account_manager" BOOLEAN NOT NULL, "quiet_from" VARCHAR(5), "quiet_to" VARCHAR(5), "quiet_days" JSONB NOT NULL)
CREATE UNIQUE INDEX "notice_plan_customer_id" ON "notice_plan" ("customer_id")
CREATE TABLE "package" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "state" VARCHAR(8) NOT NULL, "requested_by" VARCHAR(255) NOT NULL, "requested_by_id" BIGINT, "recipient" VARCHAR(255), "with_keys" BOOLEAN NOT NULL, "rows" INTEGER NOT NULL, "file_key" VARCHAR(80), "size" BIGINT, "sha256" VARCHAR(64), "chain_length" BIGINT, "chain_head" VARCHAR(64), "error" TEXT, "made_at" TIMESTAMP, "expires_at" TIMESTAMP, "handed_over_at" TIMESTAMP, "handed_over_to" VARCHAR(255))
CREATE INDEX "package_customer_id_id" ON "package" ("customer_id", "id")
CREATE INDEX "package_state_expires_at" ON "package" ("state", "expires_at")
CREATE TABLE "passkey" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "user_id" BIGINT NOT NULL, "name" VARCHAR(100) NOT NULL, "credential_id" VARCHAR(1400) NOT NULL, "public_key" TEXT NOT NULL, "user_handle" VARCHAR(90) NOT NULL, "sign_count" BIGINT NOT NULL, "transports" JSONB, "backed_up" BOOLEAN NOT NULL, "last_used_at" TIMESTAMP, FOREIGN KEY ("user_id") REFERENCES "app_user" ("id") ON DELETE CASCADE)
CREATE INDEX "passkey_user_id" ON "passkey" ("user_id")
CREATE UNIQUE INDEX "passkey_credential_id" ON "passkey" ("credential_id")
CREATE TABLE "prior_chain" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "file_key" VARCHAR(80) NOT NULL, "sha256" VARCHAR(64) NOT NULL, "length" BIGINT NOT NULL, "head" VARCHAR(64) NOT NULL, "signed_by" VARCHAR(64) NOT NULL, "package_sha256" VARCHAR(64) NOT NULL, "brought_at" TIMESTAMP NOT NULL)
CREATE TABLE "progress" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "name" VARCHAR(64) NOT NULL, "told" JSONB NOT NULL)
CREATE UNIQUE INDEX "progress_name" ON "progress" ("name")
CREATE TABLE "recovery_code" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "user_id" BIGINT NOT NULL, "hash" VARCHAR(64) NOT NULL, "used_at" TIMESTAMP, FOREIGN KEY ("user_id") REFERENCES "app_user" ("id") ON DELETE CASCADE)
CREATE INDEX "recovery_code_user_id" ON "recovery_code" ("user_id")
CREATE UNIQUE INDEX "recovery_code_user_id_hash" ON "recovery_code" ("user_id", "hash")
CREATE TABLE "second_factor" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "user_id" BIGINT NOT NULL, "secret" TEXT, "last_step" BIGINT, "confirmed_at" TIMESTAMP, "pending" TEXT, "pending_at" TIMESTAMP, FOREIGN KEY ("user_id") REFERENCES "app_user" ("id") ON DELETE CASCADE)
CREATE UNIQUE INDEX "second_factor_user_id" ON "second_factor" ("user_id")
ALTER TABLE "session" ADD COLUMN "how" VARCHAR(16) NOT NULL DEFAULT 'password'
ALTER TABLE "session" ADD COLUMN "stage" VARCHAR(8) NOT NULL DEFAULT 'full'
ALTER TABLE "session" ADD COLUMN "second" VARCHAR(16)
ALTER TABLE "session" ADD COLUMN "confirmed_at" TIMESTAMP
CREATE TABLE "webhook" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "customer_id" INTEGER REFERENCES "customer" ("id"), "name" VARCHAR(100) NOT NULL, "url" TEXT NOT NULL, "events" JSONB NOT NULL, "api" INTEGER NOT NULL, "enabled" BOOLEAN NOT NULL, "secret" TEXT NOT NULL, "old_secret" TEXT, "old_secret_until" TIMESTAMP, "failures" INTEGER NOT NULL, "failing_since" TIMESTAMP, "resting_until" TIMESTAMP, "leased_until" TIMESTAMP, "last_ok_at" TIMESTAMP)
CREATE INDEX "webhook_customer_id_id" ON "webhook" ("customer_id", "id")
CREATE TABLE "webhook_delivery" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER REFERENCES "customer" ("id"), "webhook_id" BIGINT NOT NULL, "uid" VARCHAR(32) NOT NULL, "event" VARCHAR(64) NOT NULL, "object_type" VARCHAR(64), "object_id" BIGINT, "body" TEXT NOT NULL, "state" VARCHAR(8) NOT NULL, "tries" INTEGER NOT NULL, "at" TIMESTAMP NOT NULL, "since" TIMESTAMP NOT NULL, "next_at" TIMESTAMP NOT NULL, "outcome" VARCHAR(32), "milliseconds" INTEGER, "done_at" TIMESTAMP, FOREIGN KEY ("webhook_id") REFERENCES "webhook" ("id") ON DELETE CASCADE)
CREATE INDEX "webhook_delivery_webhook_id" ON "webhook_delivery" ("webhook_id")
CREATE UNIQUE INDEX "webhook_delivery_uid" ON "webhook_delivery" ("uid")
CREATE INDEX "webhook_delivery_webhook_id_state_next_at_id" ON "webhook_delivery" ("webhook_id", "state", "next_at", "id")
CREATE INDEX "webhook_delivery_customer_id_id" ON "webhook_delivery" ("customer_id", "id")
CREATE INDEX "webhook_delivery_at" ON "webhook_delivery" ("at")
CREATE FUNCTION wall_everywhere() RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$ BEGIN RETURN coalesce(current_setting('assetcare.everywhere', true), '') = 'yes'; END $$
CREATE FUNCTION wall_customers() RETURNS integer[] LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$ BEGIN RETURN nullif(current_setting('assetcare.customers', true), '')::integer[]; END $$
ALTER TABLE "customer" ENABLE ROW LEVEL SECURITY
ALTER TABLE "customer" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "customer" USING (wall_everywhere() OR "id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "account_manager" ENABLE ROW LEVEL SECURITY
ALTER TABLE "account_manager" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "account_manager" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "disclosure_approval" ENABLE ROW LEVEL SECURITY
ALTER TABLE "disclosure_approval" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "disclosure_approval" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "product" ENABLE ROW LEVEL SECURITY
ALTER TABLE "product" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "product" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
CREATE POLICY house_select ON "product" FOR SELECT USING ("customer_id" IS NULL AND (SELECT wall_customers()) IS NOT NULL)
ALTER TABLE "site" ENABLE ROW LEVEL SECURITY
ALTER TABLE "site" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "site" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "contact" ENABLE ROW LEVEL SECURITY
ALTER TABLE "contact" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "contact" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "asset" ENABLE ROW LEVEL SECURITY
ALTER TABLE "asset" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "asset" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "asset_field" ENABLE ROW LEVEL SECURITY
ALTER TABLE "asset_field" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "asset_field" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
CREATE POLICY house_select ON "asset_field" FOR SELECT USING ("customer_id" IS NULL AND (SELECT wall_customers()) IS NOT NULL)
ALTER TABLE "audit_entry" ENABLE ROW LEVEL SECURITY
ALTER TABLE "audit_entry" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "audit_entry" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
CREATE POLICY house_insert ON "audit_entry" FOR INSERT WITH CHECK ("customer_id" = 0)
ALTER TABLE "chain_head" ENABLE ROW LEVEL SECURITY
ALTER TABLE "chain_head" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "chain_head" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
CREATE POLICY house_select ON "chain_head" FOR SELECT USING ("customer_id" = 0)
CREATE POLICY house_insert ON "chain_head" FOR INSERT WITH CHECK ("customer_id" = 0)
CREATE POLICY house_update ON "chain_head" FOR UPDATE USING ("customer_id" = 0)
ALTER TABLE "contract" ENABLE ROW LEVEL SECURITY
ALTER TABLE "contract" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "contract" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "licence" ENABLE ROW LEVEL SECURITY
ALTER TABLE "licence" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "licence" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "terms" ENABLE ROW LEVEL SECURITY
ALTER TABLE "terms" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "terms" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
CREATE POLICY house_select ON "terms" FOR SELECT USING ("customer_id" IS NULL AND (SELECT wall_customers()) IS NOT NULL)
ALTER TABLE "terms_version" ENABLE ROW LEVEL SECURITY
ALTER TABLE "terms_version" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "terms_version" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
CREATE POLICY house_select ON "terms_version" FOR SELECT USING ("customer_id" IS NULL AND (SELECT wall_customers()) IS NOT NULL)
ALTER TABLE "contract_line" ENABLE ROW LEVEL SECURITY
ALTER TABLE "contract_line" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "contract_line" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "contract_term" ENABLE ROW LEVEL SECURITY
ALTER TABLE "contract_term" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "contract_term" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "warranty" ENABLE ROW LEVEL SECURITY
ALTER TABLE "warranty" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "warranty" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "coverage" ENABLE ROW LEVEL SECURITY
ALTER TABLE "coverage" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "coverage" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "custody_task" ENABLE ROW LEVEL SECURITY
ALTER TABLE "custody_task" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "custody_task" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "custody_item" ENABLE ROW LEVEL SECURITY
ALTER TABLE "custody_item" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "custody_item" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "decision" ENABLE ROW LEVEL SECURITY
ALTER TABLE "decision" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "decision" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "event" ENABLE ROW LEVEL SECURITY
ALTER TABLE "event" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "event" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
CREATE POLICY house_select ON "event" FOR SELECT USING ("customer_id" IS NULL)
CREATE POLICY house_insert ON "event" FOR INSERT WITH CHECK ("customer_id" IS NULL)
ALTER TABLE "delivery" ENABLE ROW LEVEL SECURITY
ALTER TABLE "delivery" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "delivery" USING (wall_everywhere() OR EXISTS (SELECT 1 FROM "event" AS whole WHERE whole."id" = "delivery"."event_id"))
ALTER TABLE "departure" ENABLE ROW LEVEL SECURITY
ALTER TABLE "departure" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "departure" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "product_document" ENABLE ROW LEVEL SECURITY
ALTER TABLE "product_document" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "product_document" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
CREATE POLICY house_select ON "product_document" FOR SELECT USING ("customer_id" IS NULL AND (SELECT wall_customers()) IS NOT NULL)
ALTER TABLE "contract_duty" ENABLE ROW LEVEL SECURITY
ALTER TABLE "contract_duty" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "contract_duty" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "duty_done" ENABLE ROW LEVEL SECURITY
ALTER TABLE "duty_done" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "duty_done" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "import_session" ENABLE ROW LEVEL SECURITY
ALTER TABLE "import_session" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "import_session" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "licence_assignment" ENABLE ROW LEVEL SECURITY
ALTER TABLE "licence_assignment" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "licence_assignment" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "mail" ENABLE ROW LEVEL SECURITY
ALTER TABLE "mail" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "mail" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
CREATE POLICY house_insert ON "mail" FOR INSERT WITH CHECK ("customer_id" IS NULL)
ALTER TABLE "membership" ENABLE ROW LEVEL SECURITY
ALTER TABLE "membership" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "membership" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
CREATE POLICY open_select ON "membership" FOR SELECT USING (true)
ALTER TABLE "notice_run" ENABLE ROW LEVEL SECURITY
ALTER TABLE "notice_run" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "notice_run" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "notice" ENABLE ROW LEVEL SECURITY
ALTER TABLE "notice" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "notice" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "notice_plan" ENABLE ROW LEVEL SECURITY
ALTER TABLE "notice_plan" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "notice_plan" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "package" ENABLE ROW LEVEL SECURITY
ALTER TABLE "package" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "package" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "prior_chain" ENABLE ROW LEVEL SECURITY
ALTER TABLE "prior_chain" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "prior_chain" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "import_mapping" ENABLE ROW LEVEL SECURITY
ALTER TABLE "import_mapping" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "import_mapping" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "scope_function" ENABLE ROW LEVEL SECURITY
ALTER TABLE "scope_function" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "scope_function" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "warranty_change" ENABLE ROW LEVEL SECURITY
ALTER TABLE "warranty_change" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "warranty_change" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "webhook" ENABLE ROW LEVEL SECURITY
ALTER TABLE "webhook" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "webhook" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "webhook_delivery" ENABLE ROW LEVEL SECURITY
ALTER TABLE "webhook_delivery" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "webhook_delivery" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
