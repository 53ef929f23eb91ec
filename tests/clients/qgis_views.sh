#!/bin/bash
# Logins and projects made by `urbis qgis`, then QGIS and QGIS Server with them; QGIS alone where its
# Python is given.
#   tests/clients/qgis_views.sh path/to/urbis BASE_URL DATABASE_URL DATA_DIR [PYTHON]
set -euo pipefail
cd "$(dirname "$0")/../.."

urbis=$1 base=$2 database=$3 data=$4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -m 700 "$folder/run"

make_login() { "$urbis" qgis user "$1" --level "$2" --json --data-dir "$data" | sed 's/.*"password":"\([^"]*\)".*/\1/'; }
told=$("$urbis" qgis --level open --out "$folder/open.qgz" --data-dir "$data")
"$urbis" qgis --level restricted --service urbis_restricted --out "$folder/restricted.qgz" --data-dir "$data" >/dev/null
host=$(sed -n 's/^Host[^:]*: //p' <<<"$told")
port=$(sed -n 's/^Port: //p' <<<"$told")
entry() { printf '[%s]\nhost=%s\nport=%s\ndbname=urbis\nuser=%s\npassword=%s\n' "$1" "$host" "$port" "$2" "$3"; }
{
  entry urbis planner_open "$(make_login planner_open open)"
  entry urbis_restricted planner_restricted "$(make_login planner_restricted restricted)"
} >"$folder/pg_service.conf"

# Debian's QGIS belongs to Debian's Python, whatever `python3` is.
XDG_RUNTIME_DIR=$folder/run timeout 600 \
  "${5:-/usr/bin/python3}" tests/clients/with_qgis_views.py "$base" "$database" "$folder"
if [ -z "${5:-}" ]; then timeout 300 tests/clients/qgis_server.sh "$folder"; fi
