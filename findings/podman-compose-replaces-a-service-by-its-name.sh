#!/usr/bin/env bash
# podman-compose 1.6.0, on Python 3.11; no podman is needed.
#
# A second compose file adds to the services of the first, key by key: that is how a check, a test
# or a developer's machine changes a few settings. Names of services are free, and `command` is a
# likely one for a service that runs single commands.
#
# Seen: podman-compose knows the keys `command` and `entrypoint`, whose values are replaced and not
# merged, by their name alone, wherever they stand. So a service of one of these names is replaced
# as a whole, without a word: it loses its image, which the second file did not mention. A service
# of any other name is merged. Spell such a service out in the second file, or name it otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check podman-compose==1.6.0
for name in web command entrypoint; do
    cat > "$folder/compose.yaml" <<YAML
services:
  $name:
    image: shop
    environment: {FIRST: "1"}
YAML
    cat > "$folder/more.yaml" <<YAML
services:
  $name:
    environment: {SECOND: "2"}
YAML
    "$folder/venv/bin/podman-compose" --file "$folder/compose.yaml" --file "$folder/more.yaml" config
done > "$folder/out"
cat "$folder/out"
diff --ignore-blank-lines - "$folder/out" <<'SEEN'
services:
  web:
    environment:
      FIRST: '1'
      SECOND: '2'
    image: shop
services:
  command:
    environment:
      SECOND: '2'
services:
  entrypoint:
    environment:
      SECOND: '2'
SEEN
