#!/usr/bin/env bash
# tests/postgres.sh: installs PostgreSQL's server from Debian's packages, if it is not there. The tests start a server
# of their own from it.
set -euo pipefail
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && exit 0
[ "$(id -u)" -eq 0 ] || { echo "postgres.sh: no PostgreSQL in /usr/lib/postgresql, and only root can install it" >&2; exit 1; }
apt-get update -qq
# Without a cluster that starts with the computer.
mkdir -p /etc/postgresql-common
echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends postgresql >/dev/null
