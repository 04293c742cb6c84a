def up(migrator, db):
    db.execute_sql('CREATE TABLE "half_migration_thing" ("id" INTEGER PRIMARY KEY, "customer_id" INTEGER NOT NULL)')
    db.execute_sql('CREATE TABLE "half_migration_other" ("id" INTEGER PRIMARY KEY)')
    db.execute_sql("INSERT INTO nowhere VALUES (1)")
