CREATE TABLE "file_stretch" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL, "key" VARCHAR(80) NOT NULL, "start" BIGINT NOT NULL, "salt" VARCHAR(32) NOT NULL)
CREATE UNIQUE INDEX "file_stretch_customer_id_key_start" ON "file_stretch" ("customer_id", "key", "start")
CREATE TABLE "optic" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "asset_id" BIGINT NOT NULL, "key" VARCHAR(64) NOT NULL, "vendor" VARCHAR(255) NOT NULL, "part_number" VARCHAR(255) NOT NULL, "serial" VARCHAR(255) NOT NULL, "form_factor" VARCHAR(32) NOT NULL, "media" VARCHAR(16) NOT NULL, "details" JSONB NOT NULL, "dom" BOOLEAN, "lanes" SMALLINT NOT NULL, "limits" JSONB NOT NULL, "from_memory" BOOLEAN NOT NULL, "findings" JSONB NOT NULL, "host" VARCHAR(255) NOT NULL, "port" VARCHAR(255) NOT NULL, "placed_at" TIMESTAMP, "baseline" JSONB NOT NULL, "first_at" TIMESTAMP, "last_at" TIMESTAMP, "verdict" VARCHAR(32) NOT NULL, "claimable" BOOLEAN NOT NULL, "reasons" JSONB NOT NULL, "advice" JSONB NOT NULL, "since" TIMESTAMP, "concluded_at" TIMESTAMP, FOREIGN KEY ("asset_id") REFERENCES "asset" ("id"))
CREATE UNIQUE INDEX "optic_asset_id" ON "optic" ("asset_id")
CREATE UNIQUE INDEX "optic_customer_id_key" ON "optic" ("customer_id", "key")
CREATE INDEX "optic_customer_id_id" ON "optic" ("customer_id", "id")
CREATE INDEX "optic_customer_id_verdict_id" ON "optic" ("customer_id", "verdict", "id")
CREATE INDEX "optic_customer_id_host_port" ON "optic" ("customer_id", "host", "port")
CREATE INDEX "optic_claimable" ON "optic" ("customer_id", "id") WHERE claimable
CREATE TABLE "optic_batch" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "at" TIMESTAMP NOT NULL, "source" VARCHAR(16) NOT NULL, "name" VARCHAR(255) NOT NULL, "host" VARCHAR(255) NOT NULL, "brought_by" VARCHAR(255) NOT NULL, "modules" INTEGER NOT NULL, "stored" INTEGER NOT NULL, "repeated" INTEGER NOT NULL, "registered" INTEGER NOT NULL, "unknown" JSONB NOT NULL, "waiting" TEXT NOT NULL)
CREATE INDEX "optic_batch_customer_id_id" ON "optic_batch" ("customer_id", "id")
CREATE TABLE "optic_image" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "optic_id" BIGINT NOT NULL, "end" VARCHAR(2) NOT NULL, "digest" VARCHAR(64) NOT NULL, "data" TEXT NOT NULL, "size" INTEGER NOT NULL, "first_at" TIMESTAMP NOT NULL, "at" TIMESTAMP NOT NULL, "source" VARCHAR(16) NOT NULL, "name" VARCHAR(255) NOT NULL, "checksums" JSONB NOT NULL, "findings" JSONB NOT NULL, FOREIGN KEY ("optic_id") REFERENCES "optic" ("id"))
CREATE INDEX "optic_image_optic_id" ON "optic_image" ("optic_id")
CREATE UNIQUE INDEX "optic_image_customer_id_optic_id_end_digest" ON "optic_image" ("customer_id", "optic_id", "end", "digest")
CREATE TABLE "optic_place" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "optic_id" BIGINT NOT NULL, "end" VARCHAR(2) NOT NULL, "host" VARCHAR(255) NOT NULL, "port" VARCHAR(255) NOT NULL, "since" TIMESTAMP NOT NULL, "until" TIMESTAMP, FOREIGN KEY ("optic_id") REFERENCES "optic" ("id"))
CREATE INDEX "optic_place_optic_id" ON "optic_place" ("optic_id")
CREATE INDEX "optic_place_customer_id_host_port" ON "optic_place" ("customer_id", "host", "port")
CREATE TABLE "optic_profile" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "vendor" VARCHAR(255) NOT NULL, "part_number" VARCHAR(255) NOT NULL, "vendor_key" VARCHAR(255) NOT NULL, "part_key" VARCHAR(255) NOT NULL, "limits" JSONB NOT NULL, "needed" INTEGER, "hours" INTEGER, "notes" TEXT NOT NULL)
CREATE UNIQUE INDEX "optic_profile_house" ON "optic_profile" ("vendor_key", "part_key") WHERE customer_id IS NULL
CREATE UNIQUE INDEX "optic_profile_own" ON "optic_profile" ("customer_id", "vendor_key", "part_key") WHERE customer_id IS NOT NULL
CREATE TABLE "optic_proof" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "optic_id" BIGINT NOT NULL, "kind" VARCHAR(16) NOT NULL, "at" TIMESTAMP NOT NULL, "module_failed" BOOLEAN NOT NULL, "note" TEXT NOT NULL, "recorded_by" VARCHAR(255) NOT NULL, FOREIGN KEY ("optic_id") REFERENCES "optic" ("id"))
CREATE INDEX "optic_proof_optic_id" ON "optic_proof" ("optic_id")
CREATE INDEX "optic_proof_customer_id_optic_id_at" ON "optic_proof" ("customer_id", "optic_id", "at")
CREATE TABLE "optic_reading" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "optic_id" BIGINT NOT NULL, "batch_id" BIGINT NOT NULL, "at" BIGINT NOT NULL, "end" VARCHAR(2) NOT NULL, "admin_up" BOOLEAN, "oper_up" BOOLEAN, "temperature" INTEGER, "voltage" INTEGER, "lane_1" BIGINT, "lane_2" BIGINT, "lane_3" BIGINT, "lane_4" BIGINT, "lane_5" BIGINT, "lane_6" BIGINT, "lane_7" BIGINT, "lane_8" BIGINT, "further" JSONB, "signs" VARCHAR(255) NOT NULL, "broken" VARCHAR(255), "verdict" SMALLINT NOT NULL)
CREATE UNIQUE INDEX "optic_reading_customer_id_optic_id_at_end" ON "optic_reading" ("customer_id", "optic_id", "at", "end")
CREATE INDEX "optic_reading_customer_id_batch_id" ON "optic_reading" ("customer_id", "batch_id")
ALTER TABLE "file_stretch" ENABLE ROW LEVEL SECURITY
ALTER TABLE "file_stretch" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "file_stretch" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "optic" ENABLE ROW LEVEL SECURITY
ALTER TABLE "optic" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "optic" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "optic_batch" ENABLE ROW LEVEL SECURITY
ALTER TABLE "optic_batch" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "optic_batch" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "optic_image" ENABLE ROW LEVEL SECURITY
ALTER TABLE "optic_image" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "optic_image" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "optic_place" ENABLE ROW LEVEL SECURITY
ALTER TABLE "optic_place" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "optic_place" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "optic_profile" ENABLE ROW LEVEL SECURITY
ALTER TABLE "optic_profile" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "optic_profile" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
CREATE POLICY house_select ON "optic_profile" FOR SELECT USING ("customer_id" IS NULL AND (SELECT wall_customers()) IS NOT NULL)
ALTER TABLE "optic_proof" ENABLE ROW LEVEL SECURITY
ALTER TABLE "optic_proof" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "optic_proof" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "optic_reading" ENABLE ROW LEVEL SECURITY
ALTER TABLE "optic_reading" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "optic_reading" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
