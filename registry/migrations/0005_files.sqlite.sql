CREATE TABLE "file_key" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "customer_id" INTEGER NOT NULL, "sealed" TEXT NOT NULL, "made_at" DATETIME NOT NULL)
CREATE UNIQUE INDEX "file_key_customer_id" ON "file_key" ("customer_id")
CREATE TABLE "file_move" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "source" TEXT NOT NULL, "target" TEXT NOT NULL, "state" VARCHAR(8) NOT NULL, "begun_at" DATETIME NOT NULL, "done_at" DATETIME)
