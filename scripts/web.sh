#!/bin/bash
# Installs the page's packages and builds web/dist, each only when something changed.
set -euo pipefail
cd "$(dirname "$0")/../web"

packages_stamp=node_modules/.urbis-packages
page_stamp=node_modules/.urbis-page

packages_now=$(cat package.json package-lock.json | sha256sum)
if [ "$(cat "$packages_stamp" 2>/dev/null)" != "$packages_now" ]; then
  npm ci --no-progress --loglevel=error
  echo "$packages_now" >"$packages_stamp"
fi

# Layers and styles say who may see an icon.
page_now=$(find . ../layers ../styles \( -path ./node_modules -o -path ./dist \) -prune -o -type f -print0 |
  LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
if [ ! -e dist/index.html ] || [ "$(cat "$page_stamp" 2>/dev/null)" != "$page_now" ]; then
  npm run --silent build
  echo "$page_now" >"$page_stamp"
fi
