#!/bin/sh
# Run once by the image of PostgreSQL: the application's role owns its database and is nothing else, so that
# row-level security holds it back. Only the extension needs somebody with more rights.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$ROLE_PASSWORD" --username postgres <<'SQL'
CREATE ROLE assetcare LOGIN PASSWORD :'password' NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
CREATE DATABASE assetcare OWNER assetcare ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;
\connect assetcare
CREATE EXTENSION IF NOT EXISTS pg_trgm;
SQL
