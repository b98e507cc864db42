# SPDX-License-Identifier: BSD-3-Clause
# Two commands: `make run` boots the demonstration, `make check` runs every test. Both install what
# they need.

.PHONY: run check build setup clean

run: setup
	./bulkhead make run

check: setup
	./bulkhead make check

build: setup
	./bulkhead make build

# python3 first: everything else is installed by it.
setup:
	@command -v /usr/bin/python3 >/dev/null || { \
	    echo "python3 is missing: apt-get install python3"; exit 3; }
	./bulkhead setup

clean:
	rm -rf out
