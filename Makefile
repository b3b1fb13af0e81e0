# The commands of the project; each is a script that can be read and run by itself.
.DEFAULT_GOAL := help
.PHONY: help setup demo test docs example fuzz sanitize soak coverage bench-peers bench-quick bench release sbom clean-room lint format clean

DATA ?=
PORT ?= 8080
TRY ?= demo test

help: ## Tell what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the C libraries that are missing; tell how to get Swift
	@Scripts/setup

demo: ## From files to served recommendations: make demo [DATA=folder] [PORT=8080]
	@Scripts/demo DATA='$(DATA)' PORT='$(PORT)'

test: ## Lint, build, run every test, then the C owners again under the address sanitizer
	@Scripts/test

docs: ## The libraries' documentation, .build/docs: a warning of DocC or a public symbol without a comment is an error
	@Scripts/docs

coverage: ## Tests with line coverage, and whether each library reaches its floor
	@Scripts/coverage

fuzz: ## Fuzz the parsers of outside bytes: make fuzz [SECONDS=60]
	@Scripts/fuzz --seconds $(or $(SECONDS),60)

sanitize: ## Tests under the address sanitizer, then three rounds under the thread sanitizer
	@Scripts/sanitize address
	@Scripts/sanitize thread

soak: ## Ten minutes of traffic, events and swaps: memory, files and threads may not grow: make soak [SECONDS=600]
	@Scripts/soak --seconds $(or $(SECONDS),600)

example: ## Build, test and run the packages that use this one as a library
	@Scripts/check-example full

bench-peers: ## Install the peers that the benchmarks measure against
	@Scripts/bench-peers

bench-quick: ## Measure the kernels next to their peers, about a quarter of an hour
	@Scripts/bench quick

bench: ## The same with more rounds, and a model of H&M's size: about an hour
	@Scripts/bench full

release: ## Hardened programs, documents, list of parts and sums as one archive in .build/release-tarball
	@Scripts/release

sbom: ## The list of parts as CycloneDX 1.5, .build/sbom.cdx.json; builds nothing
	@Scripts/sbom

clean-room: ## As root: try the project on a fresh Debian: make clean-room [TRY="demo test tarball"]
	@Scripts/clean-room $(TRY)

lint: ## Check the format of all Swift sources
	@swift format lint --strict -r Sources Tests Benchmarks Examples Package.swift

format: ## Bring all Swift sources into the format that lint asks for
	@swift format -i -r Sources Tests Benchmarks Examples Package.swift

clean: ## Remove what was built; keeps data folders
	@rm -rf .build .build-* Examples/*/.build
