#!/bin/sh
# A Chromium for the browser tests, from the distribution, only where none is found.
set -eu
for name in chromium-headless-shell chromium google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
root=""
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "the browser tests need Chromium: install chromium-headless-shell and run again" >&2
        exit 1
    }
    root=sudo
fi
command -v apt-get >/dev/null 2>&1 || {
    echo "the browser tests need Chromium: install it with your package manager and run again" >&2
    exit 1
}
echo "installing chromium-headless-shell for the browser tests"
export DEBIAN_FRONTEND=noninteractive
$root apt-get update -qq
$root apt-get install -y -qq --no-install-recommends chromium-headless-shell fonts-dejavu-core >/dev/null
