# Sourced by scripts that need a city of their own: starts one with made-up data, sets `data`, `log`,
# `base` and `database`, and ends it with the script. Needs `urbis`, the path of the binary.

data=$(mktemp -d)
log=$data.log
pid=

stop() {
  local code=$?
  trap - EXIT
  if [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null; then wait "$pid" || code=1; fi
  if [ "$code" != 0 ]; then tail -n 50 "$log" >&2 || true; fi
  rm -rf "$data" "$data.qgis" "$log" "$log.out"
  exit "$code"
}
trap stop EXIT
trap 'exit 130' INT TERM

# With made-up data, or layers that have no other would be on no map and in no legend; without a
# fleet, which would drive under the clicks: the checks of units report their own.
env -u DATABASE_URL "$urbis" up --with-synthetic --without-fleet --listen 127.0.0.1:0 --data-dir "$data" \
  >"$log.out" 2>"$log" </dev/null &
pid=$!
base=
for _ in $(seq 1200); do
  base=$(sed -n 's/^Map: \(http:[^ ]*[^/ ]\)\/*$/\1/p' "$log.out")
  if [ -n "$base" ]; then break; fi
  kill -0 "$pid" 2>/dev/null || { echo "clients: urbis ended early" >&2; exit 1; }
  sleep 0.1
done
[ -n "$base" ] || { echo "clients: urbis did not start" >&2; exit 1; }

database=$("$urbis" status --json --data-dir "$data" |
  sed 's/.*"database_url":"\([^"]*\)".*/\1/')
mkdir -m 700 "$data.qgis"
