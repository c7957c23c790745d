#!/bin/sh
# Temporal's tables, made or brought up to date; a second run finds nothing to do. Where and who: SQL_* variables.
set -eu

versions=/etc/temporal/schema/postgresql/v12

temporal-sql-tool --db temporal setup-schema -v 0.0
temporal-sql-tool --db temporal update-schema -d "$versions/temporal/versioned"
temporal-sql-tool --db temporal_visibility setup-schema -v 0.0
temporal-sql-tool --db temporal_visibility update-schema -d "$versions/visibility/versioned"
