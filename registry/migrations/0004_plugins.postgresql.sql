ALTER TABLE "asset" ADD COLUMN "lent" BIGINT
ALTER TABLE "asset" ADD COLUMN "lent_until" DATE
CREATE INDEX "asset_lent" ON "asset" ("customer_id", "lent") WHERE lent IS NOT NULL
CREATE TABLE "asset_barcode" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "asset_id" BIGINT NOT NULL, "text" VARCHAR(255) NOT NULL, "symbology" VARCHAR(16) NOT NULL, FOREIGN KEY ("asset_id") REFERENCES "asset" ("id") ON DELETE CASCADE)
CREATE UNIQUE INDEX "asset_barcode_customer_id_text" ON "asset_barcode" ("customer_id", "text")
CREATE INDEX "asset_barcode_asset_id_id" ON "asset_barcode" ("asset_id", "id")
ALTER TABLE "licence" ADD COLUMN "lent" BIGINT
ALTER TABLE "licence" ADD COLUMN "lent_until" DATE
CREATE INDEX "licence_lent" ON "licence" ("customer_id", "lent") WHERE lent IS NOT NULL
CREATE TABLE "label_code" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "code" VARCHAR(13) NOT NULL, "state" VARCHAR(8) NOT NULL, "asset_id" BIGINT, "replaced_by_id" BIGINT, "batch" VARCHAR(32), "reason" VARCHAR(255) NOT NULL, FOREIGN KEY ("asset_id") REFERENCES "asset" ("id") ON DELETE CASCADE, FOREIGN KEY ("replaced_by_id") REFERENCES "label_code" ("id"), CHECK (state <> 'free' OR asset_id IS NULL), CHECK (state IN ('free', 'revoked') OR asset_id IS NOT NULL), CHECK (asset_id IS NULL OR customer_id IS NOT NULL))
CREATE UNIQUE INDEX "label_code_code" ON "label_code" ("code")
CREATE INDEX "label_code_customer_id_id" ON "label_code" ("customer_id", "id")
CREATE INDEX "label_code_asset_id_id" ON "label_code" ("asset_id", "id")
CREATE UNIQUE INDEX "label_code_active" ON "label_code" ("asset_id") WHERE state = 'active'
CREATE INDEX "label_code_batch" ON "label_code" ("customer_id", "batch") WHERE batch IS NOT NULL
CREATE INDEX "label_code_replaced" ON "label_code" ("replaced_by_id") WHERE replaced_by_id IS NOT NULL
CREATE TABLE "label_scan" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER REFERENCES "customer" ("id"), "code" VARCHAR(13) NOT NULL, "at" TIMESTAMP NOT NULL, "user_id" BIGINT, "user_name" VARCHAR(255), "address" VARCHAR(64), "moment" VARCHAR(64) NOT NULL)
CREATE UNIQUE INDEX "label_scan_moment" ON "label_scan" ("moment")
CREATE INDEX "label_scan_customer_id_id" ON "label_scan" ("customer_id", "id")
CREATE INDEX "label_scan_at" ON "label_scan" ("at")
CREATE TABLE "label_sheet" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "name" VARCHAR(64) NOT NULL, "page_wide" INTEGER NOT NULL, "page_high" INTEGER NOT NULL, "columns" INTEGER NOT NULL, "rows" INTEGER NOT NULL, "wide" INTEGER NOT NULL, "high" INTEGER NOT NULL, "left" INTEGER NOT NULL, "top" INTEGER NOT NULL, "pitch_x" INTEGER NOT NULL, "pitch_y" INTEGER NOT NULL)
CREATE UNIQUE INDEX "label_sheet_customer_id_name" ON "label_sheet" ("customer_id", "name")
CREATE UNIQUE INDEX "label_sheet_house" ON "label_sheet" ("name") WHERE customer_id IS NULL
CREATE TABLE "lent" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "key" VARCHAR(64) NOT NULL, "promises" JSONB NOT NULL, "until" DATE, "known_on" DATE NOT NULL, "changed_at" TIMESTAMP NOT NULL)
CREATE UNIQUE INDEX "lent_customer_id_key" ON "lent" ("customer_id", "key")
CREATE TABLE "lent_span" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "lent_id" BIGINT NOT NULL, "remedy" VARCHAR(16) NOT NULL, "starts_on" DATE NOT NULL, "ends_on" DATE NOT NULL, FOREIGN KEY ("lent_id") REFERENCES "lent" ("id") ON DELETE CASCADE)
CREATE UNIQUE INDEX "lent_span_lent_id_remedy" ON "lent_span" ("lent_id", "remedy")
CREATE INDEX "lent_span_customer_id_ends_on" ON "lent_span" ("customer_id", "ends_on")
CREATE TABLE "plugin_incident" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "number" VARCHAR(8) NOT NULL, "plugin" VARCHAR(31) NOT NULL, "hook" VARCHAR(31) NOT NULL, "error" VARCHAR(500) NOT NULL, "times" INTEGER NOT NULL, "first_at" TIMESTAMP NOT NULL, "last_at" TIMESTAMP NOT NULL)
CREATE UNIQUE INDEX "plugin_incident_number" ON "plugin_incident" ("number")
CREATE INDEX "plugin_incident_plugin_last_at" ON "plugin_incident" ("plugin", "last_at")
CREATE TABLE "plugin_setting" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "plugin" VARCHAR(31) NOT NULL, "given" JSONB NOT NULL, "secrets" JSONB NOT NULL)
CREATE UNIQUE INDEX "plugin_setting_house" ON "plugin_setting" ("plugin") WHERE customer_id IS NULL
CREATE UNIQUE INDEX "plugin_setting_customer" ON "plugin_setting" ("customer_id", "plugin") WHERE customer_id IS NOT NULL
CREATE TABLE "plugin_switch" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "plugin" VARCHAR(31) NOT NULL, "on" BOOLEAN NOT NULL, "reason" TEXT NOT NULL)
CREATE UNIQUE INDEX "plugin_switch_house" ON "plugin_switch" ("plugin") WHERE customer_id IS NULL
CREATE UNIQUE INDEX "plugin_switch_customer" ON "plugin_switch" ("customer_id", "plugin") WHERE customer_id IS NOT NULL
ALTER TABLE "asset_barcode" ENABLE ROW LEVEL SECURITY
ALTER TABLE "asset_barcode" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "asset_barcode" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "label_code" ENABLE ROW LEVEL SECURITY
ALTER TABLE "label_code" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "label_code" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "label_scan" ENABLE ROW LEVEL SECURITY
ALTER TABLE "label_scan" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "label_scan" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "label_sheet" ENABLE ROW LEVEL SECURITY
ALTER TABLE "label_sheet" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "label_sheet" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "lent" ENABLE ROW LEVEL SECURITY
ALTER TABLE "lent" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "lent" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "lent_span" ENABLE ROW LEVEL SECURITY
ALTER TABLE "lent_span" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "lent_span" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "plugin_setting" ENABLE ROW LEVEL SECURITY
ALTER TABLE "plugin_setting" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "plugin_setting" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
CREATE POLICY house_select ON "plugin_setting" FOR SELECT USING ("customer_id" IS NULL AND (SELECT wall_customers()) IS NOT NULL)
ALTER TABLE "plugin_switch" ENABLE ROW LEVEL SECURITY
ALTER TABLE "plugin_switch" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "plugin_switch" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
CREATE POLICY house_select ON "plugin_switch" FOR SELECT USING ("customer_id" IS NULL AND (SELECT wall_customers()) IS NOT NULL)
