#!/bin/sh
# Starts one Rasa server in a container: the same arguments as `deskhand rasa` uses, without the app's code.
set -eu

: "${RASA_TOKEN:?RASA_TOKEN must be set: the secret that the app shows to this process}"
: "${INTERNAL_TOKEN:?INTERNAL_TOKEN must be set: the secret that this process shows to the app}"
: "${INTERNAL_URL:?INTERNAL_URL must be set: where the internal port of the app is}"

# Not an operator's choice: what customers write is reported to nobody.
export RASA_TELEMETRY_ENABLED=false
export RASA_CACHE_DIRECTORY="$DATA_DIR/cache"

cd "$DATA_DIR"
exec /srv/deskhand/bot/.venv/bin/python -m rasa run \
    --interface 0.0.0.0 --port 5005 \
    --endpoints /srv/deskhand/bot/endpoints.yml \
    --credentials /srv/deskhand/bot/credentials.yml
