# What one can do here. The work is done by the scripts; a target's comment is its help.

.DEFAULT_GOAL := help
.PHONY: help setup build demo up test sim chaos bench lint fmt check clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## install what is missing to build, run and test (Debian 12; nothing the second time)
	@Scripts/setup.sh

build: setup ## build the release binary, .build/release/mini-ci
	@Scripts/build.sh

demo: setup ## run a real build from start to end, in temporary folders
	@Scripts/demo.sh

up: build ## start mini-ci on this machine, with its data in the default place
	@.build/release/mini-ci up

test: ## lint, build with warnings as errors, run all suites
	@Scripts/test.sh

chaos: setup ## kill, stop and cut off everything while builds run; CHAOS_SECONDS=900 CHAOS_SEED=
	@Scripts/chaos.sh

sim: build ## let everything fail in the simulator, seed after seed, until Ctrl-C
	@.build/release/mini-ci simulate --until-stopped

bench: build ## measure, next to what the machine can do at best
	@Benchmarks/run.sh

lint: ## check layout and style
	@Scripts/lint.sh

fmt: ## lay out the sources
	@Scripts/lint.sh --fix

check: ## exactly what CI runs
	@.ci/run

clean: ## remove what was built, and the tools of the tests
	rm -rf .build .build-tools
