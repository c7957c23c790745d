#!/bin/sh
# Two owners and the role of the services, which owns nothing; three databases. PostgreSQL's image runs this once, when its data folder is empty.
set -eu

: "${CHOUJIAN_OWNER_DB_PASSWORD:?}" "${CHOUJIAN_DB_PASSWORD:?}" "${TEMPORAL_DB_PASSWORD:?}"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv owner_password CHOUJIAN_OWNER_DB_PASSWORD
\getenv choujian_password CHOUJIAN_DB_PASSWORD
\getenv temporal_password TEMPORAL_DB_PASSWORD
create role choujian_owner login password :'owner_password';
create role choujian login password :'choujian_password';
create role temporal login password :'temporal_password';
create database choujian owner choujian_owner;
create database temporal owner temporal;
create database temporal_visibility owner temporal;
-- Each gets into its own databases only.
revoke connect on database choujian, temporal, temporal_visibility from public;
grant connect on database choujian to choujian;
SQL
