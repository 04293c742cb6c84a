CREATE TABLE "rma_case" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "number" VARCHAR(16) NOT NULL, "contact_id" INTEGER, "contact_name" VARCHAR(255) NOT NULL, "channel" VARCHAR(16) NOT NULL, "notified_at" TIMESTAMP NOT NULL, "opened_by" VARCHAR(255) NOT NULL, "confirmed_at" TIMESTAMP, "valid_until" DATE, "note" TEXT NOT NULL)
CREATE UNIQUE INDEX "rma_case_number" ON "rma_case" ("number")
CREATE INDEX "rma_case_customer_id_id" ON "rma_case" ("customer_id", "id")
CREATE TABLE "rma_line" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "case_id" BIGINT NOT NULL, "code" VARCHAR(16) NOT NULL, "asset_id" INTEGER, "product_id" INTEGER, "serial" VARCHAR(255) NOT NULL, "product" VARCHAR(255) NOT NULL, "state" VARCHAR(24) NOT NULL, "ended" BOOLEAN NOT NULL, "fault" TEXT NOT NULL, "cause" VARCHAR(32), "facts" JSONB NOT NULL, "fault_on" DATE, "notified_on" DATE NOT NULL, "proposal" JSONB, "overruled" VARCHAR(16) NOT NULL, "overruled_by" VARCHAR(255) NOT NULL, "overruled_reason" TEXT NOT NULL, "remedy" VARCHAR(16) NOT NULL, "charge" BOOLEAN, "charge_reason" TEXT NOT NULL, "decision_id" INTEGER, "rank" INTEGER NOT NULL, "status_before" VARCHAR(32) NOT NULL, "work" VARCHAR(16) NOT NULL, "action" TEXT NOT NULL, "parts" TEXT NOT NULL, "chosen" VARCHAR(16) NOT NULL, "lost_from" VARCHAR(16) NOT NULL, "no_fault" BOOLEAN NOT NULL, "fee_minor" INTEGER, "fee_currency" VARCHAR(3) NOT NULL, "refund" JSONB, "replacement_serial" VARCHAR(255) NOT NULL, "replacement_id" INTEGER, "cause_class" VARCHAR(16) NOT NULL, "staff" VARCHAR(255) NOT NULL, "requested_on" DATE, "received_on" DATE, "ready_on" DATE, "closed_on" DATE, "repair_days" INTEGER, "moved_at" TIMESTAMP NOT NULL, "idle_told_at" TIMESTAMP, FOREIGN KEY ("case_id") REFERENCES "rma_case" ("id") ON DELETE CASCADE)
CREATE UNIQUE INDEX "rma_line_code" ON "rma_line" ("code")
CREATE INDEX "rma_line_customer_id_state_id" ON "rma_line" ("customer_id", "state", "id")
CREATE INDEX "rma_line_customer_id_ended_rank_id" ON "rma_line" ("customer_id", "ended", "rank", "id")
CREATE INDEX "rma_line_customer_id_asset_id" ON "rma_line" ("customer_id", "asset_id")
CREATE INDEX "rma_line_customer_id_replacement_id" ON "rma_line" ("customer_id", "replacement_id")
CREATE INDEX "rma_line_case_id" ON "rma_line" ("case_id")
CREATE INDEX "rma_line_ended_moved_at" ON "rma_line" ("ended", "moved_at")
CREATE UNIQUE INDEX "rma_line_open_unit" ON "rma_line" ("customer_id", "asset_id") WHERE NOT ended
CREATE TABLE "rma_custody" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "line_id" BIGINT NOT NULL, "number" INTEGER NOT NULL, "at" TIMESTAMP NOT NULL, "device_at" TIMESTAMP, "who" VARCHAR(255) NOT NULL, "role" VARCHAR(16) NOT NULL, "serial" VARCHAR(255) NOT NULL, "start" VARCHAR(24) NOT NULL, "state" VARCHAR(24) NOT NULL, "place_from" VARCHAR(16) NOT NULL, "place_to" VARCHAR(16) NOT NULL, "spot" VARCHAR(255) NOT NULL, "reason" TEXT NOT NULL, "details" JSONB NOT NULL, "photo_key" VARCHAR(128), "photo_sha256" VARCHAR(64) NOT NULL, "key" VARCHAR(64) NOT NULL, "previous" VARCHAR(64) NOT NULL, "hash" VARCHAR(64) NOT NULL, FOREIGN KEY ("line_id") REFERENCES "rma_line" ("id"))
CREATE UNIQUE INDEX "rma_custody_line_id_number" ON "rma_custody" ("line_id", "number")
CREATE UNIQUE INDEX "rma_custody_customer_id_key" ON "rma_custody" ("customer_id", "key")
CREATE TABLE "rma_price" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "code" VARCHAR(32) NOT NULL, "title" VARCHAR(255) NOT NULL, "amount_minor" INTEGER NOT NULL, "currency" VARCHAR(3) NOT NULL)
CREATE UNIQUE INDEX "rma_price_house" ON "rma_price" ("code") WHERE customer_id IS NULL
CREATE UNIQUE INDEX "rma_price_own" ON "rma_price" ("customer_id", "code") WHERE customer_id IS NOT NULL
CREATE TABLE "rma_quote" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "line_id" BIGINT NOT NULL, "items" JSONB NOT NULL, "amount_minor" INTEGER NOT NULL, "currency" VARCHAR(3) NOT NULL, "deviation" TEXT NOT NULL, "state" VARCHAR(16) NOT NULL, "offered_by" VARCHAR(255) NOT NULL, "offered_on" DATE NOT NULL, "valid_until" DATE NOT NULL, "settled_by" VARCHAR(255) NOT NULL, "settled_on" DATE, "how" VARCHAR(16) NOT NULL, "written" TEXT NOT NULL, FOREIGN KEY ("line_id") REFERENCES "rma_line" ("id") ON DELETE CASCADE)
CREATE INDEX "rma_quote_line_id_id" ON "rma_quote" ("line_id", "id")
CREATE INDEX "rma_quote_customer_id_state" ON "rma_quote" ("customer_id", "state")
CREATE TABLE "rma_record" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "line_id" BIGINT NOT NULL, "asset_id" INTEGER, "serial" VARCHAR(255) NOT NULL, "fault" TEXT NOT NULL, "cause" VARCHAR(32) NOT NULL, "action" TEXT NOT NULL, "parts" TEXT NOT NULL, "started_at" TIMESTAMP NOT NULL, "finished_at" TIMESTAMP NOT NULL, "staff" VARCHAR(255) NOT NULL, "written_at" TIMESTAMP NOT NULL, FOREIGN KEY ("line_id") REFERENCES "rma_line" ("id") ON DELETE CASCADE)
CREATE INDEX "rma_record_customer_id_asset_id_id" ON "rma_record" ("customer_id", "asset_id", "id")
CREATE INDEX "rma_record_line_id" ON "rma_record" ("line_id")
CREATE TABLE "rma_test" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "line_id" BIGINT NOT NULL, "after" VARCHAR(16) NOT NULL, "serial" VARCHAR(255) NOT NULL, "readings" JSONB NOT NULL, "outcome" VARCHAR(8) NOT NULL, "by" VARCHAR(255) NOT NULL, "at" TIMESTAMP NOT NULL, FOREIGN KEY ("line_id") REFERENCES "rma_line" ("id") ON DELETE CASCADE)
CREATE INDEX "rma_test_line_id_id" ON "rma_test" ("line_id", "id")
CREATE TABLE "rma_track" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "line_id" BIGINT NOT NULL, "kind" VARCHAR(8) NOT NULL, "serial" VARCHAR(255) NOT NULL, "state" VARCHAR(16) NOT NULL, "due_on" DATE, "note" TEXT NOT NULL, FOREIGN KEY ("line_id") REFERENCES "rma_line" ("id") ON DELETE CASCADE)
CREATE INDEX "rma_track_line_id" ON "rma_track" ("line_id")
CREATE INDEX "rma_track_customer_id_state_due_on" ON "rma_track" ("customer_id", "state", "due_on")
CREATE FUNCTION rma_custody_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'rma_custody is append-only'; END $$
CREATE TRIGGER rma_custody_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON rma_custody FOR EACH STATEMENT EXECUTE FUNCTION rma_custody_refuse()
ALTER TABLE "rma_case" ENABLE ROW LEVEL SECURITY
ALTER TABLE "rma_case" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "rma_case" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "rma_line" ENABLE ROW LEVEL SECURITY
ALTER TABLE "rma_line" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "rma_line" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "rma_custody" ENABLE ROW LEVEL SECURITY
ALTER TABLE "rma_custody" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "rma_custody" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "rma_price" ENABLE ROW LEVEL SECURITY
ALTER TABLE "rma_price" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "rma_price" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
CREATE POLICY house_select ON "rma_price" FOR SELECT USING ("customer_id" IS NULL AND (SELECT wall_customers()) IS NOT NULL)
ALTER TABLE "rma_quote" ENABLE ROW LEVEL SECURITY
ALTER TABLE "rma_quote" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "rma_quote" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "rma_record" ENABLE ROW LEVEL SECURITY
ALTER TABLE "rma_record" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "rma_record" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "rma_test" ENABLE ROW LEVEL SECURITY
ALTER TABLE "rma_test" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "rma_test" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "rma_track" ENABLE ROW LEVEL SECURITY
ALTER TABLE "rma_track" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "rma_track" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
