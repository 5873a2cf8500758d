#!/usr/bin/env bash
# Holds every data contract against the JSON schema that the standard's own project publishes (Open Data Contract Standard v3.0.2, Apache-2.0),
# fetched by pip into bin/ and kept there. The program itself carries a schema of its own, which `go test ./node/catalog` uses.
set -euo pipefail
cd "$(dirname "$0")/.."

schema=bin/odcs-3.0.2.schema.json
if [ ! -s "$schema" ]; then
	temp=$(mktemp -d)
	trap 'rm -rf "$temp"' EXIT
	python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$temp" open-data-contract-standard==3.0.5
	mkdir -p bin
	python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("open_data_contract_standard/schema.json"))' "$temp"/*.whl >"$schema.new"
	mv "$schema.new" "$schema"
fi
go run ./cmd/yidaitong node catalog --validate --schema "$schema"
