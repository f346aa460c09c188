#!/usr/bin/env bash
# Runs docker/compose.yaml with the images that build.sh has made, as docs/containers.md says it, and looks at what
# comes out: docker/check/compose.sh
set -euo pipefail
source "$(dirname "$0")/engine.sh"
install_engine
write_settings
POSTGRES_PASSWORD=$(python3 -c "import secrets; print(secrets.token_hex(12))")
export POSTGRES_PASSWORD
PATH=$work/tools/bin:$PATH
project=interestream-check

compose() {
    podman-compose --project-name "$project" --in-pod false --profile once \
        --file "$root/docker/compose.yaml" --file "$root/docker/check/compose.yaml" "$@"
}

once() {
    compose run --rm --no-deps -T --volume "$root/docker/check/data:/catalogue:ro" "$@" 2>> "$work/compose.log"
}

interestream() {
    once command interestream "$@"
}

state() {
    podman inspect --format "{{.State.$2}}" "${project}_$1_1"
}

# wait_for SECONDS WHAT COMMAND...
wait_for() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" > "$work/wait.log" 2>&1; do
        [ "$SECONDS" -lt "$end" ] || { tail -5 "$work/wait.log" >&2; fail "$what"; }
        sleep 2
    done
}

started() {
    compose up --detach --no-deps "$@" >> "$work/compose.log" 2>&1 || fail "$* did not start: $work/compose.log"
}

is_down() {
    [ "$(state "$1" Running)" = false ]
}

ended_with() {
    wait_for 60 "$1 did not end" is_down "$1"
    [ "$(state "$1" ExitCode)" = "$2" ] || fail "$1 ended with $(state "$1" ExitCode), not $2"
    passed "$1 ended with $2"
}

# Flink's own line; the log is that of both starts.
from_savepoint() {
    podman logs "${project}_jobmanager_1" 2>&1 | grep -E "Starting job .* from savepoint (file:/+)?/?data/checkpoints/savepoint-"
}

# The first two items for a person, ids alone and sorted.
recommended() {
    interestream recommend "$1" -k 2 --json | grep -oE '"item_id": ?"[^"]+"' | cut -d'"' -f4 | sort | paste -sd' '
}

leave() {
    mkdir -p "$work/logs"
    local name
    for name in postgres jobmanager taskmanager; do
        podman logs "${project}_${name}_1" > "$work/logs/$name.log" 2>&1 || true
    done
    compose down --volumes > /dev/null 2>&1 || true
}
compose down --volumes > /dev/null 2>&1 || true
trap leave EXIT
: > "$work/compose.log"

started postgres
wait_for 60 "the database is not healthy" podman healthcheck run "${project}_postgres_1"
passed "the database is healthy"

SECONDS=0
once export python -m model_export --recipe fp32-fused > "$work/export.out" || fail "the export: $work/compose.log"
passed "the export's image published $(tail -1 "$work/export.out") in $SECONDS s, into a new volume"
interestream apply > /dev/null || fail "apply: $work/compose.log"
interestream space create minilm@latest /catalogue > /dev/null || fail "space create: $work/compose.log"
passed "the job's image opened the bundle and made a space with it"

SECONDS=0
started jobmanager taskmanager
wait_for 240 "the job does not work" interestream health --jobmanager jobmanager:8081
passed "JobManager and TaskManager run the job after $SECONDS s, as $(podman exec "${project}_taskmanager_1" id -un)," \
    "root file systems read-only"
interestream replay /catalogue --streams /data/streams > /dev/null || fail "replay: $work/compose.log"
[ "$(recommended ada)" = "sky-3 sky-4" ] || fail "ada, who likes sky-1 and sky-2, is recommended $(recommended ada)"
passed "ada, who likes the Moon and telescopes, is recommended planets and stars"
settings=(--set encoder.bundle=minilm@space --set sources.root=/data/streams --set checkpoints.directory=/data/checkpoints)
interestream doctor --jobmanager jobmanager:8081 "${settings[@]}" > "$work/doctor.out" || fail "doctor: $work/doctor.out"
passed "doctor: $(tail -1 "$work/doctor.out")"

interestream stop --jobmanager jobmanager:8081 --savepoints /data/checkpoints > /dev/null || fail "stop: $work/compose.log"
ended_with jobmanager 0
started jobmanager
wait_for 240 "the job does not go on" interestream health --jobmanager jobmanager:8081
wait_for 60 "it did not begin from the savepoint" from_savepoint
passed "started again, it goes on from the savepoint"

podman stop --time 30 "${project}_taskmanager_1" > /dev/null
ended_with taskmanager 143
podman stop --time 30 "${project}_jobmanager_1" > /dev/null
ended_with jobmanager 143
podman stop --time 30 "${project}_postgres_1" > /dev/null
ended_with postgres 0
trap - EXIT
leave
! grep -rq "$POSTGRES_PASSWORD" "$work/logs" || fail "the password is in the logs"
passed "the password is in no log"
