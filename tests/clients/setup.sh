#!/usr/bin/env bash
# tests/clients/setup.sh FOLDER: installs mem0's released clients, each by itself, for the tests that drive them.
# What is there already is kept. Fails when a registry cannot be reached.
set -euo pipefail
folder=${1:?"usage: setup.sh FOLDER"}
mkdir -p "$folder"

for version in 2.2.1 1.0.11 0.1.118; do
    place=$folder/python-$version
    [ -f "$place/done" ] && continue
    rm -rf "$place"
    python3 -m venv "$place"
    "$place/bin/pip" install --quiet --disable-pip-version-check "mem0ai==$version"
    touch "$place/done"
done

place=$folder/python-cli
if [ ! -f "$place/done" ]; then
    rm -rf "$place"
    python3 -m venv "$place"
    "$place/bin/pip" install --quiet --disable-pip-version-check "mem0-cli==0.2.13"
    touch "$place/done"
fi

for version in 3.3.1 2.4.6; do
    place=$folder/node-$version
    [ -f "$place/done" ] && continue
    rm -rf "$place"
    mkdir -p "$place"
    npm install --prefix "$place" --silent --no-audit --no-fund --legacy-peer-deps "mem0ai@$version"
    touch "$place/done"
done

place=$folder/node-cli
if [ ! -f "$place/done" ]; then
    rm -rf "$place"
    mkdir -p "$place"
    npm install --prefix "$place" --silent --no-audit --no-fund "@mem0/cli@0.2.13"
    touch "$place/done"
fi

# OpenAI's and MCP's own clients, and what drives a browser.
place=$folder/python-protocols
if [ ! -f "$place/done" ]; then
    rm -rf "$place"
    python3 -m venv "$place"
    "$place/bin/pip" install --quiet --disable-pip-version-check openai==3.57.0 mcp==2.3.0 playwright==1.65.2
    touch "$place/done"
fi

# The browser itself, where Debian's packages can be installed.
if [ ! -e "${MEMT_CHROMIUM:-/usr/bin/chromium}" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-dejavu-core
fi
