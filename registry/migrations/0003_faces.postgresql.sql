CREATE TABLE "asset_file" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "asset_id" BIGINT NOT NULL, "name" VARCHAR(255) NOT NULL, "kind" VARCHAR(16) NOT NULL, "media_type" VARCHAR(128) NOT NULL, "size" BIGINT NOT NULL, "sha256" VARCHAR(64) NOT NULL, "file_key" VARCHAR(128) NOT NULL, "added_by" VARCHAR(255) NOT NULL, FOREIGN KEY ("asset_id") REFERENCES "asset" ("id"))
CREATE INDEX "asset_file_customer_id_id" ON "asset_file" ("customer_id", "id")
CREATE INDEX "asset_file_asset_id_id" ON "asset_file" ("asset_id", "id")
ALTER TABLE "chain_head" ADD COLUMN "verified_seq" BIGINT
ALTER TABLE "chain_head" ADD COLUMN "verified_hash" VARCHAR(64)
ALTER TABLE "chain_head" ADD COLUMN "verified_at" TIMESTAMP
CREATE INDEX "warranty_waiting" ON "warranty" ("customer_id") WHERE starts_on IS NULL
CREATE INDEX "warranty_void" ON "warranty" ("customer_id", "void_on") WHERE void_on IS NOT NULL
CREATE INDEX "coverage_customer_id_starts_on" ON "coverage" ("customer_id", "starts_on")
CREATE TABLE "import_change" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "session_id" BIGINT NOT NULL, "line" INTEGER, "outcome" VARCHAR(8) NOT NULL, "object_type" VARCHAR(32) NOT NULL, "object_id" BIGINT, "label" VARCHAR(255) NOT NULL, "cells" JSONB NOT NULL, FOREIGN KEY ("session_id") REFERENCES "import_session" ("id") ON DELETE CASCADE)
CREATE INDEX "import_change_session_id" ON "import_change" ("session_id")
CREATE INDEX "import_change_customer_id_session_id_id" ON "import_change" ("customer_id", "session_id", "id")
CREATE INDEX "import_change_customer_id_session_id_outcome_id" ON "import_change" ("customer_id", "session_id", "outcome", "id")
CREATE TABLE "saved_view" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "list_name" VARCHAR(32) NOT NULL, "owner_id" BIGINT NOT NULL, "name" VARCHAR(100) NOT NULL, "shared" BOOLEAN NOT NULL, "is_default" BOOLEAN NOT NULL, "query" JSONB NOT NULL, FOREIGN KEY ("owner_id") REFERENCES "app_user" ("id") ON DELETE CASCADE)
CREATE INDEX "saved_view_owner_id" ON "saved_view" ("owner_id")
CREATE INDEX "saved_view_customer_id_list_name_owner_id" ON "saved_view" ("customer_id", "list_name", "owner_id")
CREATE INDEX "saved_view_house" ON "saved_view" ("list_name") WHERE customer_id IS NULL
ALTER TABLE "asset_file" ENABLE ROW LEVEL SECURITY
ALTER TABLE "asset_file" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "asset_file" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "import_change" ENABLE ROW LEVEL SECURITY
ALTER TABLE "import_change" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "import_change" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "saved_view" ENABLE ROW LEVEL SECURITY
ALTER TABLE "saved_view" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "saved_view" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
