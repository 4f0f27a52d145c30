#!/usr/bin/env bash
# Proves that the import rules of .golangci.yml bite: lints a small tree of the project's shape whose files break each
# of them, and fails unless the linter flags exactly the lines that say `// want <rule>…`, no fewer and no more.
#
# usage: tools/canary/run.sh GOLANGCI_LINT
set -euo pipefail
cd "$(dirname "$0")/../.."
lint=$(realpath "$1")
tree=.cache/canary
module=github.com/loadpilot/loadpilot

rm -rf "$tree"
mkdir -p "$tree"
cp -R tools/canary/tree/. "$tree"
cp go.mod go.sum .golangci.yml "$tree"
cd "$tree"

# The packages that the broken files import, empty but for their names.
grep -rhoE "\"$module/[^\"]+\"" . | sort -u | tr -d '"' | while read -r import; do
	folder=${import#"$module"/}
	mkdir -p "$folder"
	printf '// Package %s is empty.\npackage %s\n' "${folder##*/}" "${folder##*/}" >"$folder/doc.go"
done

wanted=$(grep -rnE '// want ' --include '*.go' . \
	| sed -E 's|^\./||; s|^([^:]+:[0-9]+):.*// want (.*)$|\1 \2|' \
	| while read -r line rules; do for rule in $rules; do echo "$line $rule"; done; done | sort)
"$lint" run --enable-only depguard,forbidigo,gochecknoinits --show-stats=false \
	--output.text.print-issued-lines=false --output.text.colors=false ./... >findings.txt || true
# A finding of depguard is known by its list, any other by its linter.
flagged=$(sed -nE "s/^([^:]+:[0-9]+):[0-9]+: .*from list '([^']+)'.*$/\1 \2/p; t
	s/^([^:]+:[0-9]+):[0-9]+: .*\(([a-z]+)\)$/\1 \2/p" findings.txt | sort)

if ! diff <(echo "$wanted") <(echo "$flagged"); then
	echo "canary: the import rules do not hold: < should be flagged, > should not" >&2
	exit 1
fi
echo "canary: $(echo "$wanted" | wc -l) broken rules, all flagged"
