#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Python first: it installs everything else (build/deps/packages.py).
[ -x /usr/bin/python3 ] && exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    as_root="sudo -n"
    [ -t 0 ] && as_root=sudo
    if ! command -v sudo >/dev/null; then
        echo "error: python3 is missing and can't be installed without root or sudo. As root:" >&2
        echo "  apt-get install --no-install-recommends python3" >&2
        exit 3
    fi
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -q -y install --no-install-recommends python3 ||
    { $as_root apt-get -q update &&
      $as_root apt-get -q -y install --no-install-recommends python3; } ||
    { echo "error: apt-get could not install python3" >&2; exit 3; }
