#!/usr/bin/env bash
# Builds the images from the Dockerfiles as they stand and looks into them: docker/check/build.sh [BASE]
# BASE is the base image; without it a Debian with its own Python 3.11 is made, where no registry of images is reached.
set -euo pipefail
source "$(dirname "$0")/engine.sh"

make_base() {
    ! buildah inspect "$base" > /dev/null 2>&1 || return 0
    rm -rf "$work/rootfs"
    debootstrap --variant=minbase --include=ca-certificates,libpython3.11,python3-venv bookworm "$work/rootfs" \
        > "$work/debootstrap.log"
    rm -rf "$work"/rootfs/var/cache/apt/archives/*.deb "$work"/rootfs/var/lib/apt/lists/*
    local container
    container=$(buildah from scratch)
    buildah add --quiet "$container" "$work/rootfs" / > /dev/null
    buildah commit --quiet --rm "$container" "$base" > /dev/null
    rm -rf "$work/rootfs"
}

# This machine's settings of pip, for the time of the build: nothing of them is left in an image.
pip_settings() {
    echo "[global]"
    python3 -m pip config list \
        | sed -nE "s/^(global|:env:)\.(cert|index-url|extra-index-url|default-timeout)='(.*)'$/\2 = \3/p" \
        | awk -F' = ' '!seen[$1]++ { gsub(/\\n/, " "); print }'
    [ ! -d "${PIP_FIND_LINKS:-}" ] || echo "find-links = /wheels"
}

build() {
    local name=$1 mounts=(--volume "$work/pip.conf:/etc/pip.conf:ro") certificates
    certificates=$(sed -n 's/^cert = //p' "$work/pip.conf")
    [ -z "$certificates" ] || mounts+=(--volume "$certificates:$certificates:ro")
    [ ! -d "${PIP_FIND_LINKS:-}" ] || mounts+=(--volume "$PIP_FIND_LINKS:/wheels:ro")
    SECONDS=0
    buildah build --layers --isolation chroot --build-arg BASE="${from:-$base}" "${mounts[@]}" \
        --file "$root/docker/$name.Dockerfile" --tag "interestream-$name:0.1.0" "$root" > "$work/$name.log" 2>&1 \
        || { tail -20 "$work/$name.log" >&2; fail "$name was not built: $work/$name.log"; }
    passed "interestream-$name built in $SECONDS s"
}

# A container without network whose root file system is read-only.
look_into() {
    podman run --rm --interactive --read-only --network none "$1:0.1.0" python - < "$root/docker/check/$2"
}

# What pip installed, as CycloneDX; the tool is lent to the container and is no part of the image.
write_sbom() {
    podman run --rm --network none --volume "$work/tools/lib/python3.11/site-packages:/tools:ro" "$1:0.1.0" \
        python -c "import runpy, sys; sys.path.insert(0, '/tools'); runpy.run_module('cyclonedx_py', run_name='__main__')" \
        environment --output-reproducible /opt/venv/bin/python > "$work/$1.cdx.json"
    passed "$work/$1.cdx.json: $(grep -c '"purl"' "$work/$1.cdx.json") packages"
}

from=${1:-}
install_engine
write_settings
SECONDS=0
[ -n "$from" ] || { make_base && passed "base made in $SECONDS s"; }
pip_settings > "$work/pip.conf"
build job
look_into interestream-job job_image.py
write_sbom interestream-job
build export
look_into interestream-export export_image.py
write_sbom interestream-export
build serve
write_sbom interestream-serve
buildah images --format '{{.Name}} {{.Size}}'
