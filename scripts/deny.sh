#!/bin/bash
# Licences, sources and bans always; advisories where their database can be reached.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo deny --locked check bans licenses sources
if cargo deny fetch db 2>/dev/null; then
  cargo deny --locked check advisories
else
  echo "deny: the advisory database cannot be reached, advisories were not checked" >&2
fi
