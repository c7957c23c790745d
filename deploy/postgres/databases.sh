#!/bin/sh
# Two owners, three databases. PostgreSQL's image runs this once, when its data folder is empty.
set -eu

: "${CHOUJIAN_DB_PASSWORD:?}" "${TEMPORAL_DB_PASSWORD:?}"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv choujian_password CHOUJIAN_DB_PASSWORD
\getenv temporal_password TEMPORAL_DB_PASSWORD
create role choujian login password :'choujian_password';
create role temporal login password :'temporal_password';
create database choujian owner choujian;
create database temporal owner temporal;
create database temporal_visibility owner temporal;
-- Each owner gets into its own databases only.
revoke connect on database choujian, temporal, temporal_visibility from public;
SQL
