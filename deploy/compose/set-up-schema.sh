#!/bin/sh
# Creates Temporal's two databases, or brings them up to date. May run any number of times: the second time `create` and `setup-schema` print that it is
# there already. Whatever else went wrong with them, update-schema fails on it.
set -eu
tool() { temporal-sql-tool --plugin postgres12 --ep postgresql -p 5432 -u temporal "$@"; }
for database in temporal temporal_visibility; do
  folder="/etc/temporal/schema/postgresql/v12/$(echo "$database" | sed 's/^temporal_visibility$/visibility/')/versioned"
  tool --db "$database" create || true
  tool --db "$database" setup-schema -v 0.0 || true
  tool --db "$database" update-schema -d "$folder"
done
