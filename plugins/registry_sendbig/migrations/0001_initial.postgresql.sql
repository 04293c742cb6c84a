CREATE TABLE "sendbig_blob" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER REFERENCES "customer" ("id"), "sha256" VARCHAR(64) NOT NULL, "crc32c" BIGINT, "size" BIGINT NOT NULL, "key" VARCHAR(120), "media_type" VARCHAR(100) NOT NULL, "scan" VARCHAR(16) NOT NULL, "scanned_at" TIMESTAMP, "checked_at" TIMESTAMP, "missing_at" TIMESTAMP, "gone_at" TIMESTAMP, "created_at" TIMESTAMP NOT NULL)
CREATE UNIQUE INDEX "sendbig_blob_key" ON "sendbig_blob" ("key")
CREATE INDEX "sendbig_blob_customer_id_sha256_size" ON "sendbig_blob" ("customer_id", "sha256", "size")
CREATE INDEX "sendbig_blob_customer_id_created_at" ON "sendbig_blob" ("customer_id", "created_at")
CREATE TABLE "sendbig_request" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "title" VARCHAR(255) NOT NULL, "message" TEXT NOT NULL, "email" VARCHAR(255) NOT NULL, "made_by" VARCHAR(255) NOT NULL, "made_by_id" BIGINT, "token_hash" VARCHAR(64), "token_sealed" TEXT, "password_hash" VARCHAR(255) NOT NULL, "expires_at" TIMESTAMP NOT NULL, "most_bytes" BIGINT, "most_files" INTEGER, "closed_at" TIMESTAMP, "used_at" TIMESTAMP)
CREATE UNIQUE INDEX "sendbig_request_token_hash" ON "sendbig_request" ("token_hash")
CREATE INDEX "sendbig_request_customer_id_id" ON "sendbig_request" ("customer_id", "id")
CREATE TABLE "sendbig_transfer" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "title" VARCHAR(255) NOT NULL, "message" TEXT NOT NULL, "state" VARCHAR(12) NOT NULL, "made_by" VARCHAR(255) NOT NULL, "made_by_id" BIGINT, "by_operator" BOOLEAN NOT NULL, "request_id" BIGINT, "sender_email" VARCHAR(255) NOT NULL, "party" VARCHAR(255) NOT NULL, "approval_id" INTEGER, "password_hash" VARCHAR(255) NOT NULL, "most_downloads" INTEGER, "expires_at" TIMESTAMP NOT NULL, "opened_at" TIMESTAMP, "ended_at" TIMESTAMP, "end_reason" VARCHAR(16) NOT NULL, "ended_by" VARCHAR(255) NOT NULL, "reminded_at" TIMESTAMP, FOREIGN KEY ("request_id") REFERENCES "sendbig_request" ("id"))
CREATE INDEX "sendbig_transfer_request_id" ON "sendbig_transfer" ("request_id")
CREATE INDEX "sendbig_transfer_customer_id_id" ON "sendbig_transfer" ("customer_id", "id")
CREATE INDEX "sendbig_transfer_customer_id_state_expires_at" ON "sendbig_transfer" ("customer_id", "state", "expires_at")
CREATE TABLE "sendbig_recipient" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "transfer_id" BIGINT NOT NULL, "email" VARCHAR(255) NOT NULL, "name" VARCHAR(255) NOT NULL, "kind" VARCHAR(12) NOT NULL, "token_hash" VARCHAR(64), "token_sealed" TEXT, "mailed_at" TIMESTAMP, "first_at" TIMESTAMP, "last_at" TIMESTAMP, "revoked_at" TIMESTAMP, "by_operator" BOOLEAN NOT NULL, FOREIGN KEY ("transfer_id") REFERENCES "sendbig_transfer" ("id") ON DELETE CASCADE)
CREATE UNIQUE INDEX "sendbig_recipient_token_hash" ON "sendbig_recipient" ("token_hash")
CREATE INDEX "sendbig_recipient_transfer_id" ON "sendbig_recipient" ("transfer_id")
CREATE INDEX "sendbig_recipient_customer_id_id" ON "sendbig_recipient" ("customer_id", "id")
CREATE TABLE "sendbig_release" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "product_id" INTEGER NOT NULL, "title" VARCHAR(255) NOT NULL, "version_name" VARCHAR(64) NOT NULL, "from_version" VARCHAR(64) NOT NULL, "below_version" VARCHAR(64) NOT NULL, "from_rank" VARCHAR(1000) NOT NULL, "below_rank" VARCHAR(1000) NOT NULL, "problem" TEXT NOT NULL, "known_error" VARCHAR(255) NOT NULL, "note" TEXT NOT NULL, "state" VARCHAR(12) NOT NULL, "published_by" VARCHAR(255) NOT NULL, "published_at" TIMESTAMP, "withdrawn_at" TIMESTAMP, "withdrawn_reason" TEXT NOT NULL, "told_at" TIMESTAMP)
CREATE INDEX "sendbig_release_customer_id_id" ON "sendbig_release" ("customer_id", "id")
CREATE INDEX "sendbig_release_product_id_state" ON "sendbig_release" ("product_id", "state")
CREATE INDEX "sendbig_release_state_id" ON "sendbig_release" ("state", "id")
CREATE TABLE "sendbig_file" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "transfer_id" BIGINT, "release_id" BIGINT, "name" VARCHAR(255) NOT NULL, "folder" VARCHAR(255) NOT NULL, "declared_type" VARCHAR(100) NOT NULL, "size" BIGINT, "state" VARCHAR(12) NOT NULL, "refusal" VARCHAR(16) NOT NULL, "refusal_told" TEXT NOT NULL, "wanted_sha256" VARCHAR(64) NOT NULL, "blob_id" BIGINT, "kind" VARCHAR(12) NOT NULL, "audience" VARCHAR(12) NOT NULL, FOREIGN KEY ("transfer_id") REFERENCES "sendbig_transfer" ("id") ON DELETE CASCADE, FOREIGN KEY ("release_id") REFERENCES "sendbig_release" ("id") ON DELETE CASCADE, FOREIGN KEY ("blob_id") REFERENCES "sendbig_blob" ("id"))
CREATE INDEX "sendbig_file_blob_id" ON "sendbig_file" ("blob_id")
CREATE INDEX "sendbig_file_transfer_id" ON "sendbig_file" ("transfer_id")
CREATE INDEX "sendbig_file_release_id" ON "sendbig_file" ("release_id")
CREATE INDEX "sendbig_file_customer_id_id" ON "sendbig_file" ("customer_id", "id")
CREATE TABLE "sendbig_download" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "transfer_id" BIGINT NOT NULL, "recipient_id" BIGINT, "file_id" BIGINT, "user_id" BIGINT, "who" VARCHAR(255) NOT NULL, "address" VARCHAR(64) NOT NULL, "begun_at" TIMESTAMP NOT NULL, "last_at" TIMESTAMP NOT NULL, "ranges" JSONB NOT NULL, "delivered" BIGINT NOT NULL, "whole_at" TIMESTAMP, "live_until" TIMESTAMP, FOREIGN KEY ("transfer_id") REFERENCES "sendbig_transfer" ("id") ON DELETE CASCADE, FOREIGN KEY ("recipient_id") REFERENCES "sendbig_recipient" ("id") ON DELETE CASCADE, FOREIGN KEY ("file_id") REFERENCES "sendbig_file" ("id") ON DELETE CASCADE)
CREATE INDEX "sendbig_download_recipient_id" ON "sendbig_download" ("recipient_id")
CREATE INDEX "sendbig_download_transfer_id_id" ON "sendbig_download" ("transfer_id", "id")
CREATE INDEX "sendbig_download_customer_id_id" ON "sendbig_download" ("customer_id", "id")
CREATE TABLE "sendbig_grant" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "release_id" BIGINT NOT NULL, "user_id" BIGINT NOT NULL, "email" VARCHAR(255) NOT NULL, "reason" TEXT NOT NULL, "approved_by" VARCHAR(255) NOT NULL, "approved_at" TIMESTAMP NOT NULL, "until" TIMESTAMP, "revoked_at" TIMESTAMP, FOREIGN KEY ("release_id") REFERENCES "sendbig_release" ("id"))
CREATE INDEX "sendbig_grant_release_id_user_id" ON "sendbig_grant" ("release_id", "user_id")
CREATE INDEX "sendbig_grant_customer_id_id" ON "sendbig_grant" ("customer_id", "id")
CREATE TABLE "sendbig_installed" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "asset_id" INTEGER, "licence_id" INTEGER, "version_name" VARCHAR(64) NOT NULL, "version_rank" VARCHAR(1000) NOT NULL, "known_on" TIMESTAMP NOT NULL, "source" VARCHAR(255) NOT NULL, "release_id" INTEGER)
CREATE UNIQUE INDEX "sendbig_installed_customer_id_asset_id" ON "sendbig_installed" ("customer_id", "asset_id")
CREATE UNIQUE INDEX "sendbig_installed_customer_id_licence_id" ON "sendbig_installed" ("customer_id", "licence_id")
CREATE TABLE "sendbig_receipt" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "release_id" BIGINT NOT NULL, "asset_id" INTEGER, "licence_id" INTEGER, "unit_label" VARCHAR(255) NOT NULL, "version_name" VARCHAR(64) NOT NULL, "version_before" VARCHAR(64) NOT NULL, "user_id" BIGINT, "who" VARCHAR(255) NOT NULL, "at" TIMESTAMP NOT NULL, FOREIGN KEY ("release_id") REFERENCES "sendbig_release" ("id"))
CREATE INDEX "sendbig_receipt_customer_id_id" ON "sendbig_receipt" ("customer_id", "id")
CREATE INDEX "sendbig_receipt_release_id_customer_id" ON "sendbig_receipt" ("release_id", "customer_id")
CREATE TABLE "sendbig_taken" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "release_id" BIGINT NOT NULL, "file_id" BIGINT, "file_name" VARCHAR(255) NOT NULL, "kind" VARCHAR(12) NOT NULL, "size" BIGINT NOT NULL, "sha256" VARCHAR(64) NOT NULL, "version_name" VARCHAR(64) NOT NULL, "user_id" BIGINT, "who" VARCHAR(255) NOT NULL, "granted" BOOLEAN NOT NULL, "begun_at" TIMESTAMP NOT NULL, "last_at" TIMESTAMP NOT NULL, "ranges" JSONB NOT NULL, "whole_at" TIMESTAMP, "by_operator" BOOLEAN NOT NULL, FOREIGN KEY ("release_id") REFERENCES "sendbig_release" ("id"))
CREATE INDEX "sendbig_taken_customer_id_id" ON "sendbig_taken" ("customer_id", "id")
CREATE INDEX "sendbig_taken_release_id_id" ON "sendbig_taken" ("release_id", "id")
CREATE INDEX "sendbig_taken_customer_id_file_id" ON "sendbig_taken" ("customer_id", "file_id")
CREATE TABLE "sendbig_told" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "release_id" BIGINT NOT NULL, "user_id" BIGINT NOT NULL, "what" VARCHAR(12) NOT NULL, "at" TIMESTAMP NOT NULL, FOREIGN KEY ("release_id") REFERENCES "sendbig_release" ("id"))
CREATE UNIQUE INDEX "sendbig_told_release_id_what_customer_id_user_id" ON "sendbig_told" ("release_id", "what", "customer_id", "user_id")
CREATE INDEX "sendbig_told_customer_id_id" ON "sendbig_told" ("customer_id", "id")
CREATE TABLE "sendbig_upload" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "file_id" BIGINT, "transfer_id" BIGINT, "release_id" BIGINT, "token_hash" VARCHAR(64) NOT NULL, "key" VARCHAR(120) NOT NULL, "place" TEXT NOT NULL, "size" BIGINT, "arrived" BIGINT NOT NULL, "crc32c" BIGINT NOT NULL, "crc_at" BIGINT NOT NULL, "metadata" TEXT NOT NULL, "partial" BOOLEAN NOT NULL, "parts" JSONB, "concat" TEXT NOT NULL, "made_by" VARCHAR(255) NOT NULL, "made_by_id" BIGINT, "last_at" TIMESTAMP NOT NULL, "expires_at" TIMESTAMP NOT NULL, "stop_asked_at" TIMESTAMP, "whole_at" TIMESTAMP, "settled_at" TIMESTAMP, "tries" INTEGER NOT NULL, FOREIGN KEY ("file_id") REFERENCES "sendbig_file" ("id") ON DELETE CASCADE, FOREIGN KEY ("transfer_id") REFERENCES "sendbig_transfer" ("id") ON DELETE CASCADE, FOREIGN KEY ("release_id") REFERENCES "sendbig_release" ("id") ON DELETE CASCADE)
CREATE INDEX "sendbig_upload_file_id" ON "sendbig_upload" ("file_id")
CREATE INDEX "sendbig_upload_transfer_id" ON "sendbig_upload" ("transfer_id")
CREATE INDEX "sendbig_upload_release_id" ON "sendbig_upload" ("release_id")
CREATE UNIQUE INDEX "sendbig_upload_token_hash" ON "sendbig_upload" ("token_hash")
CREATE INDEX "sendbig_upload_key" ON "sendbig_upload" ("key")
CREATE INDEX "sendbig_upload_customer_id_expires_at" ON "sendbig_upload" ("customer_id", "expires_at")
CREATE INDEX "sendbig_upload_expires_at" ON "sendbig_upload" ("expires_at")
ALTER TABLE "sendbig_blob" ENABLE ROW LEVEL SECURITY
ALTER TABLE "sendbig_blob" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "sendbig_blob" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "sendbig_request" ENABLE ROW LEVEL SECURITY
ALTER TABLE "sendbig_request" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "sendbig_request" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "sendbig_transfer" ENABLE ROW LEVEL SECURITY
ALTER TABLE "sendbig_transfer" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "sendbig_transfer" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "sendbig_recipient" ENABLE ROW LEVEL SECURITY
ALTER TABLE "sendbig_recipient" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "sendbig_recipient" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "sendbig_release" ENABLE ROW LEVEL SECURITY
ALTER TABLE "sendbig_release" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "sendbig_release" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "sendbig_file" ENABLE ROW LEVEL SECURITY
ALTER TABLE "sendbig_file" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "sendbig_file" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "sendbig_download" ENABLE ROW LEVEL SECURITY
ALTER TABLE "sendbig_download" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "sendbig_download" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "sendbig_grant" ENABLE ROW LEVEL SECURITY
ALTER TABLE "sendbig_grant" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "sendbig_grant" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "sendbig_installed" ENABLE ROW LEVEL SECURITY
ALTER TABLE "sendbig_installed" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "sendbig_installed" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "sendbig_receipt" ENABLE ROW LEVEL SECURITY
ALTER TABLE "sendbig_receipt" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "sendbig_receipt" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "sendbig_taken" ENABLE ROW LEVEL SECURITY
ALTER TABLE "sendbig_taken" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "sendbig_taken" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "sendbig_told" ENABLE ROW LEVEL SECURITY
ALTER TABLE "sendbig_told" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "sendbig_told" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
ALTER TABLE "sendbig_upload" ENABLE ROW LEVEL SECURITY
ALTER TABLE "sendbig_upload" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "sendbig_upload" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
