ALTER TABLE "acme_loans_reminder" ADD COLUMN "borrower" VARCHAR(100)
