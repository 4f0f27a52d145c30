#!/usr/bin/env bash
# Every command line that the document on API load tests has, as it stands there, and what must come of it. my-app is the example
# program; it is called in-process, or, with MODE=socket, asked over connections at EXAMPLE_URL.
#
# It needs APP, MODE, EXAMPLE_URL, EXAMPLE_GRPC, EXAMPLE_PASSWORD, EXAMPLE_REDIS_URL and XDG_STATE_HOME in the environment.
set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

my-app() {
  local arg args=()
  for arg in "$@"; do
    [[ $MODE == socket && $arg == --in-process ]] || args+=("$arg")
  done
  "$APP" "${args[@]}"
}

fail() {
  printf 'line %s: %s\nstdout:\n%s\nstderr:\n%s\n' "${BASH_LINENO[-2]}" "$*" "$(<"$tmp/out")" "$(<"$tmp/err")" >&2
  exit 1
}

# exits CODE COMMAND… runs a command, which must exit so. $out is what it prints, with blanks squeezed.
exits() {
  local want=$1 code=0
  shift
  "$@" >"$tmp/out" 2>"$tmp/err" || code=$?
  [[ $code == "$want" ]] || fail "exit code $code, not $want"
  out=$(tr -s ' ' <"$tmp/out")
  id=$(sed -n 's/^Test ID //p' "$tmp/out")
}

has() { [[ $out == *"$1"* ]] || fail "no '$1'"; }
lacks() { [[ $out != *"$1"* ]] || fail "there is '$1'"; }
says() { [[ $(<"$tmp/err") == *"$1"* ]] || fail "stderr does not say '$1'"; }

# See what's loadable
exits 0 my-app api-load-test list
[[ $(head -n 1 "$tmp/out") == "Discovered 21 routes" ]] || fail "another first line"
[[ $(sed -n 2p "$tmp/out") == ┏*┓ ]] || fail "no table"
has '┃ METHOD ┃ PATH ┃ AUTH ┃ PARAMS ┃ TAGS ┃'
has '│ GET │ /health/ │ no │ │ health │'
has '│ GET │ /api/v1/users/me │ yes │ │ users │'
has '│ GET │ /api/v1/tasks/status/{task_id} │ no │ task_id │ worker │'
has '│ POST │ /api/v1/tasks/enqueue │ no │ │ worker │'
lacks $'\x1b'

# METHOD is colored per verb; the progress bar is live when there is a terminal
terminal() { env -u CI TERM=xterm script -qec "$*" /dev/null </dev/null; }
exits 0 terminal "'$APP' api-load-test list"
for method in '34mGET' '32mPOST' '33mPUT' '35mPATCH' '31mDELETE'; do
  has $'\x1b['"$method"$'\x1b[0m'
done
exits 0 terminal "NO_COLOR=1 '$APP' api-load-test list"
lacks $'\x1b'
exits 0 terminal "'$APP' api-load-test run /health/ --duration 500ms --in-process"
has '░'
has ' 0 failed'

# Plain GET, in-process (no server needed)
exits 0 my-app api-load-test run /health/ --requests 500 --clients 10 --in-process
has "GET /health/ $MODE"
has 'Requests 500 in '
has 'Latency p50 '
has $'Status codes\n 200 500\n'
[[ -s $tmp/err ]] && fail "something on stderr"

# GET with a path parameter
exits 0 my-app api-load-test run /api/v1/tasks/status/{task_id} \
  --path-param task_id=abc-123 \
  --requests 100 --clients 5 --in-process
has $'Status codes\n 200 100\n'
exits 2 my-app api-load-test run /api/v1/tasks/status/{task_id} --requests 100 --clients 5 --in-process
says '--path-param task_id=VALUE'

# POST with payload
exits 0 my-app api-load-test run /api/v1/tasks/enqueue \
  --method POST \
  --payload '{"queue": "load_test", "task": "ping"}' \
  --requests 200 --clients 10 --in-process
has $'Status codes\n 202 200\n'

# Authenticated endpoint (token via header)
TOKEN=$(my-app auth login alice@example.com --print-token)
exits 0 my-app api-load-test run /api/v1/users/me \
  --header "Authorization=Bearer $TOKEN" \
  --requests 200 --clients 5 --in-process
has $'Status codes\n 200 200\n'
lacks "$TOKEN"
authenticated=$id
exits 0 my-app api-load-test run /api/v1/users/me --header "Authorization=Bearer wrong" --requests 200 --clients 5 --in-process
has '200 failed (100%)'
has $'Status codes\n 401 200\n'

# Recall recent runs
exits 0 my-app api-load-test recent
has '┃ TEST ID ┃ METHOD ┃ PATH ┃ MODE ┃ REQ/S ┃ P95 ┃ ERROR % ┃ STARTED ┃'
[[ $(grep -cE '│ (just now|[0-9]+ minutes? ago) +│$' "$tmp/out") == 6 ]] || fail "not six runs"
[[ $(sed -n 5p "$tmp/out") == *"$authenticated"* ]] || fail "the last run but one is not in the second row"
exits 0 my-app api-load-test results "$authenticated"
for line in 'Requests 200 in ' 'Clients 5' 'Latency min ' 'Latency p90 ' 'Latency p99.9 ' $'Status codes\n 200 200\n' "Test ID $authenticated"; do
  has "$line"
done
exits 2 my-app api-load-test results 00000000-0000-7000-8000-000000000000
says 'no result'
if grep -rq "$TOKEN" "$XDG_STATE_HOME"; then fail "the token is stored"; fi

# Gate CI on response codes via --json + jq
my-app api-load-test run /health/ --in-process --json |
  jq -e --arg mode "$MODE" '.metrics.latency_ms_p95 > 0 and .status_codes["200"] == 100 and .mode == $mode' >/dev/null
my-app api-load-test run /health/ --in-process --json | jq -e '.status_codes | keys == ["200"]' >/dev/null
if my-app api-load-test run /api/v1/users/me --in-process --json | jq -e '.status_codes | keys == ["200"]' >/dev/null; then
  fail "jq passes a run that was refused"
fi
exits 1 my-app api-load-test run /api/v1/users/me --in-process --fail-on "error_rate>1"
says 'error_rate>1'
exits 0 my-app api-load-test run /health/ --in-process --fail-on "error_rate>1" --fail-on "p95_ms>30000"

# No server
exits 0 "$APP" api-load-test run /health/ --target http://127.0.0.1:1
has '100 failed (100%)'
has '100× connect'

# What the document lists as missing: streams, WebSockets and gRPC, the login, bodies that differ, and comparisons.
exits 0 my-app api-load-test run /events/worker/stream --stream --events 10 --requests 20 --in-process
has 'Events 200, '
has 'First event p50 '
exits 0 my-app api-load-test run /events/worker/stream --requests 20 --in-process
has 'Events 200, '
says 'GET /events/worker/stream is answered with a stream'
exits 0 my-app api-load-test run /ws/echo --ws --events 5 --requests 20 --in-process
has 'Events 100, '
has 'Round trips p50 '
exits 0 "$APP" api-load-test run "$EXAMPLE_GRPC/grpc.health.v1.Health/Check" --payload '{"service": ""}'
has $'Status codes\n OK 100\n'
exits 0 my-app api-load-test run /api/v1/users/me --auth-as alice@example.com --in-process
has $'Status codes\n 200 100\n'
[[ $(my-app api-load-test login alice@example.com --print-token --in-process) == "$TOKEN" ]] || fail "another token"
exits 0 my-app api-load-test run /api/v1/tasks/enqueue --method POST \
  --payload '{"queue": "{{choice a b}}", "task": "{{uuid}}", "number": {{seq}}}' --in-process
has $'Status codes\n 202 100\n'
exits 0 my-app api-load-test run /health/ --requests 500 --in-process
first=$id
exits 0 my-app api-load-test run /health/ --requests 500 --in-process
has 'Against the last run ('
exits 0 my-app api-load-test compare "$id" "$first" --threshold 1000000
has '│ latency_ms_p95 │'
exits 0 my-app api-load-test run /health/ --requests 500 --target "$EXAMPLE_URL"
if [[ $MODE == in-process ]]; then
  exits 2 my-app api-load-test compare "$id" "$first"
  says 'different modes'
fi
exits 0 my-app api-load-test run --all --tag worker --requests 10 --path-param task_id=abc-123 --in-process
has '│ GET │ /api/v1/tasks/status/{task_id} │ 10 │'
has 'POST /api/v1/tasks/enqueue may change something'

# Storage layout
if [[ -n ${EXAMPLE_REDIS_URL#none} ]]; then
  ttl=$(redis-cli -u "$EXAMPLE_REDIS_URL" TTL "api_load_test:results:$authenticated")
  ((ttl > 86000 && ttl <= 86400)) || fail "TTL $ttl"
  started=$(redis-cli -u "$EXAMPLE_REDIS_URL" GET "api_load_test:results:$authenticated" |
    jq '.started_at | sub("\\..*Z"; "Z") | fromdateiso8601')
  score=$(redis-cli -u "$EXAMPLE_REDIS_URL" ZSCORE api_load_test:recent "$authenticated")
  ((score / 1000 == started)) || fail "score $score, started $started"
fi
echo done
