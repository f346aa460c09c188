# Sourced by the checks: buildah and podman from Debian's packages, with images and settings below $work alone.
# shellcheck shell=bash
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=${IMAGES:-$root/.interestream/images}
base=localhost/python-3.11-bookworm
mkdir -p "$work"

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

passed() {
    echo "ok    $*"
}

install_engine() {
    [ "$(id -u)" = 0 ] || fail "the engine is run as root here"
    local tool missing=()
    for tool in buildah podman runc debootstrap; do
        command -v "$tool" > /dev/null || missing+=("$tool")
    done
    [ ${#missing[@]} = 0 ] || { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } > /dev/null
    [ -x "$work/tools/bin/podman-compose" ] || {
        "${PYTHON:-python3.11}" -m venv "$work/tools"
        "$work/tools/bin/pip" install --quiet --disable-pip-version-check --requirement "$root/docker/check/requirements.txt"
    }
}

# overlay shares layers; vfs, which every kernel has, copies an image for each container.
write_settings() {
    local driver=vfs
    ! grep -q overlay /proc/filesystems || driver=overlay
    cat > "$work/storage.conf" << EOF
[storage]
driver = "${STORAGE_DRIVER:-$driver}"
runroot = "$work/run"
graphroot = "$work/storage"
EOF
    # Limits that this machine's root may set, where it may not raise them.
    cat > "$work/containers.conf" << EOF
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=$(ulimit -Hn):$(ulimit -Hn)", "nproc=4096:4096"]
EOF
    export CONTAINERS_STORAGE_CONF=$work/storage.conf CONTAINERS_CONF=$work/containers.conf
}
