#!/bin/sh
# Starts one Rasa server in a container: the same arguments as `deskhand rasa` uses, without the app's code.
set -eu

: "${RASA_TOKEN:?RASA_TOKEN must be set: the secret that the app shows to this process}"
: "${INTERNAL_TOKEN:?INTERNAL_TOKEN must be set: the secret that this process shows to the app}"
: "${INTERNAL_URL:?INTERNAL_URL must be set: where the internal port of the app is}"

# Not an operator's choice: what customers write is reported to nobody.
export RASA_TELEMETRY_ENABLED=false
export RASA_CACHE_DIRECTORY="$DATA_DIR/cache"

export RASA_TRACKER_DB="$DATA_DIR/tracker.db"

# Several Rasa processes share their trackers and locks in servers; a single one keeps them to itself.
endpoints=bot/endpoints.yml
if [ -n "${RASA_DB_HOST:-}" ]; then
    endpoints=bot/endpoints.production.yml
fi

cd /srv/deskhand
exec bot/.venv/bin/python -m bot run --interface 0.0.0.0 --port 5005 --endpoints "$endpoints"
