#!/bin/bash
# Licences, sources and bans always; advisories where their database can be reached.
set -euo pipefail
cd "$(dirname "$0")/.."
deny=(cargo deny)

"${deny[@]}" --locked check bans licenses sources
if "${deny[@]}" fetch db 2>/dev/null; then
  "${deny[@]}" --locked check advisories
else
  echo "deny: the advisory database cannot be reached, advisories were not checked" >&2
fi
