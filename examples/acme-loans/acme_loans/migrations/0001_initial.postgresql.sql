CREATE TABLE "acme_loans_reminder" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" TIMESTAMP NOT NULL, "changed_at" TIMESTAMP NOT NULL, "asset_id" INTEGER NOT NULL, "text" VARCHAR(200) NOT NULL, "due_on" DATE NOT NULL, "done" BOOLEAN NOT NULL, "told" BOOLEAN NOT NULL)
CREATE INDEX "acme_loans_reminder_customer_id_done_due_on" ON "acme_loans_reminder" ("customer_id", "done", "due_on")
CREATE INDEX "acme_loans_reminder_customer_id_asset_id" ON "acme_loans_reminder" ("customer_id", "asset_id")
ALTER TABLE "acme_loans_reminder" ENABLE ROW LEVEL SECURITY
ALTER TABLE "acme_loans_reminder" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "acme_loans_reminder" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
