#!/bin/bash
# schemathesis against the running binary: whatever the definition of OGC API allows is answered,
# whatever it forbids is refused, in the types, with the headers and of the schemas that it names,
# and nothing is an error of ours. The same seed each time.
#   tests/clients/schemathesis.sh BASE_URL
set -euo pipefail
base=$1
root=$PWD

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
checks=(
  not_a_server_error status_code_conformance content_type_conformance
  response_headers_conformance response_schema_conformance
  negative_data_rejection positive_data_acceptance
  missing_required_header unsupported_method allow_header_conformance
)
# It writes .schemathesis/ where it runs.
cd "$folder"
cat >schemathesis.toml <<END
hooks = "$root/tests/clients/schemathesis_hooks.py"
[generation]
database = "none"
END
joined=$(IFS=,; echo "${checks[*]}")
if ! timeout "${LIMIT_S:-600}" "$root/target/python/bin/st" run "$base/ogc/api" --url "$base/ogc" --no-color \
  --phases examples,coverage,fuzzing --seed 20251 -n "${EXAMPLES:-10}" --workers 2 --continue-on-failure \
  --checks "$joined" --warnings off >report.txt 2>&1; then
  cat report.txt >&2
  echo "not ok: schemathesis" >&2
  exit 1
fi
echo "ok: schemathesis: $(sed -n 's/^  \([0-9]* generated.*\)/\1/p' report.txt)"
