# SPDX-License-Identifier: BSD-3-Clause
# Two commands: `make run` boots the demonstration, `make check` runs every test. Both install what
# they need.

.PHONY: run check build setup clean

run: setup
	@./bulkhead make run

check: setup
	@./bulkhead make check

build: setup
	@./bulkhead make build

setup:
	@build/deps/python.sh
	@./bulkhead setup

clean:
	rm -rf out
