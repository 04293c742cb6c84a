CREATE TABLE "acme_loans_reminder" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL REFERENCES "customer" ("id"), "version" INTEGER NOT NULL, "created_at" DATETIME NOT NULL, "changed_at" DATETIME NOT NULL, "asset_id" INTEGER NOT NULL, "text" VARCHAR(200) NOT NULL, "due_on" DATE NOT NULL, "done" INTEGER NOT NULL, "told" INTEGER NOT NULL)
CREATE INDEX "acme_loans_reminder_customer_id_done_due_on" ON "acme_loans_reminder" ("customer_id", "done", "due_on")
CREATE INDEX "acme_loans_reminder_customer_id_asset_id" ON "acme_loans_reminder" ("customer_id", "asset_id")
