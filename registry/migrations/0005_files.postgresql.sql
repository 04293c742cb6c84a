CREATE TABLE "file_key" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "customer_id" INTEGER NOT NULL, "sealed" TEXT NOT NULL, "made_at" TIMESTAMP NOT NULL)
CREATE UNIQUE INDEX "file_key_customer_id" ON "file_key" ("customer_id")
CREATE TABLE "file_move" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "source" TEXT NOT NULL, "target" TEXT NOT NULL, "state" VARCHAR(8) NOT NULL, "begun_at" TIMESTAMP NOT NULL, "done_at" TIMESTAMP)
ALTER TABLE "file_key" ENABLE ROW LEVEL SECURITY
ALTER TABLE "file_key" FORCE ROW LEVEL SECURITY
CREATE POLICY wall ON "file_key" USING (wall_everywhere() OR "customer_id" = ANY ((SELECT wall_customers())::integer[]))
