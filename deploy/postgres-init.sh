#!/bin/sh
# Runs once, when the database server's volume is new: gives Rasa's trackers a database and a user of their own,
# which cannot see the desk's.
set -eu

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set password="$RASA_DB_PASSWORD" <<'SQL'
CREATE ROLE rasa LOGIN PASSWORD :'password';
CREATE DATABASE rasa OWNER rasa;
REVOKE CONNECT ON DATABASE deskhand FROM PUBLIC;
REVOKE CONNECT ON DATABASE rasa FROM PUBLIC;
SQL
