# Runs in the container of the database (check/compose.yaml), as its process 1.
set -euo pipefail
rows=$HOME/rows
[ -e "$rows/PG_VERSION" ] || initdb --pgdata "$rows" --username postgres --auth scram-sha-256 \
    --pwfile <(printenv POSTGRES_PASSWORD) --locale C.UTF-8 > /dev/null
exec postgres -D "$rows" -c listen_addresses=127.0.0.1 -c unix_socket_directories=/tmp
