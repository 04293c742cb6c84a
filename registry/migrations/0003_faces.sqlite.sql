CREATE TABLE "asset_file" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "asset_id" INTEGER NOT NULL, "name" VARCHAR(255) NOT NULL, "kind" VARCHAR(16) NOT NULL, "media_type" VARCHAR(128) NOT NULL, "size" INTEGER NOT NULL, "sha256" VARCHAR(64) NOT NULL, "file_key" VARCHAR(128) NOT NULL, "added_by" VARCHAR(255) NOT NULL, FOREIGN KEY ("asset_id") REFERENCES "asset" ("id"))
CREATE INDEX "asset_file_customer_id_id" ON "asset_file" ("customer_id", "id")
CREATE INDEX "asset_file_asset_id_id" ON "asset_file" ("asset_id", "id")
ALTER TABLE "chain_head" ADD COLUMN "verified_seq" INTEGER
ALTER TABLE "chain_head" ADD COLUMN "verified_hash" VARCHAR(64)
ALTER TABLE "chain_head" ADD COLUMN "verified_at" DATETIME
CREATE INDEX "warranty_waiting" ON "warranty" ("customer_id") WHERE starts_on IS NULL
CREATE INDEX "warranty_void" ON "warranty" ("customer_id", "void_on") WHERE void_on IS NOT NULL
CREATE INDEX "coverage_customer_id_starts_on" ON "coverage" ("customer_id", "starts_on")
CREATE TABLE "import_change" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "session_id" INTEGER NOT NULL, "line" INTEGER, "outcome" VARCHAR(8) NOT NULL, "object_type" VARCHAR(32) NOT NULL, "object_id" INTEGER, "label" VARCHAR(255) NOT NULL, "cells" TEXT NOT NULL, FOREIGN KEY ("session_id") REFERENCES "import_session" ("id") ON DELETE CASCADE)
CREATE INDEX "import_change_session_id" ON "import_change" ("session_id")
CREATE INDEX "import_change_customer_id_session_id_id" ON "import_change" ("customer_id", "session_id", "id")
CREATE INDEX "import_change_customer_id_session_id_outcome_id" ON "import_change" ("customer_id", "session_id", "outcome", "id")
CREATE TABLE "saved_view" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "list_name" VARCHAR(32) NOT NULL, "owner_id" INTEGER NOT NULL, "name" VARCHAR(100) NOT NULL, "shared" INTEGER NOT NULL, "is_default" INTEGER NOT NULL, "query" TEXT NOT NULL, FOREIGN KEY ("owner_id") REFERENCES "app_user" ("id") ON DELETE CASCADE)
CREATE INDEX "saved_view_owner_id" ON "saved_view" ("owner_id")
CREATE INDEX "saved_view_customer_id_list_name_owner_id" ON "saved_view" ("customer_id", "list_name", "owner_id")
CREATE INDEX "saved_view_house" ON "saved_view" ("list_name") WHERE customer_id IS NULL
