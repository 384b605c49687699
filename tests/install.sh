#!/bin/sh
# What the tests start besides Python: a Chromium, Node, a C compiler, a Java for Spark and real servers. They come
# from the distribution, and only those that are not found.
set -eu
PATH="$PATH:/usr/local/sbin:/usr/sbin"

found() {
    for name in "$@"; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    return 1
}

wanted=""
found chromium-headless-shell chromium google-chrome ||
    wanted="$wanted chromium-headless-shell fonts-dejavu-core"
found postgres /usr/lib/postgresql/*/bin/postgres || wanted="$wanted postgresql"
found redis-server && found redis-cli || wanted="$wanted redis-server"
found nats-server || wanted="$wanted nats-server"
found java || wanted="$wanted default-jre-headless"
found cc || wanted="$wanted gcc libc6-dev"
found node || wanted="$wanted nodejs"
found npm || wanted="$wanted npm"
[ -n "$wanted" ] || exit 0

root=""
if [ "$(id -u)" != 0 ]; then
    found sudo || {
        echo "the tests need more than Python: install$wanted and run again" >&2
        exit 1
    }
    root=sudo
fi
found apt-get || {
    echo "the tests need more than Python: install$wanted with your package manager and run again" >&2
    exit 1
}
echo "installing for the tests:$wanted"
export DEBIAN_FRONTEND=noninteractive
$root apt-get update -qq
# unquoted: a package a word
$root apt-get install -y -qq --no-install-recommends $wanted >/dev/null
