#!/usr/bin/env bash
# Runs the real binary for a while at a constant rate against the sample shop in a process of its own, and fails unless
# the run passes and is trusted, every planned iteration was started, and memory does not grow.
#
# usage: RATE=5000 DURATION=600 tools/soak.sh LOADPILOT    (a second, seconds)
set -euo pipefail
loadpilot=$(realpath "$1")
rate=${RATE:-5000}
seconds=${DURATION:-600}

work=$(mktemp -d)
shop= run=
cleanup() {
	[ -z "$run" ] || kill "$run" 2>/dev/null || true
	[ -z "$shop" ] || kill "$shop" 2>/dev/null || true
	wait
	rm -rf "$work"
}
trap cleanup EXIT
fail() {
	echo "soak: $*" >&2
	exit 1
}
memory() { awk '/^VmRSS/ {print int($2 / 1024)}' "/proc/$run/status"; }

cat >"$work/soak.py" <<'PY'
from loadpilot import LoadClient, VUser, scenario, task


@scenario(mode="constant", thresholds={"error_rate": 0.01})
class Soak(VUser):
    @task()
    def health(self, client: LoadClient):
        client.get("/health")
PY

"$loadpilot" demo --listen 127.0.0.1:0 --latency-scale 0 >"$work/shop" &
shop=$!
until target=$(grep -o 'http://.*' "$work/shop"); do
	kill -0 "$shop" || fail "the shop does not start"
	sleep 0.1
done

echo "soak: $rate iterations a second for $seconds s at $target"
"$loadpilot" run "$work/soak.py" --target "$target" --rps "$rate" --duration "${seconds}s" --json >"$work/result.json" &
run=$!
sleep $((seconds / 5))
early=$(memory)
sleep $((seconds * 3 / 4))
late=$(memory)
code=0
wait "$run" || code=$?
run=

echo "soak: memory $early MiB after a fifth, $late MiB near the end; exit code $code"
[ "$code" = 0 ] || fail "exit code $code: $(head -c 4000 "$work/result.json")"
total=$((rate * seconds))
grep -Eq "\"requests_total\": *$total\b" "$work/result.json" || fail "there are not $total requests in the result"
[ "$late" -le $((early * 3 / 2 + 16)) ] || fail "memory grew from $early to $late MiB"
echo "soak: $total requests, all accounted for"
