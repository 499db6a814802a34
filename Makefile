# A thin door: cargo is the build system.
#
#   make demo    the recom job on a broker inside the process, and what went where
#   make test    everything: style, documentation, and every test, with a real Apache Kafka (a JDK 17 and Maven)
#   make bench   the benchmark suite and its table; PEERS=1 runs other systems' programs for the same job too,
#                BENCH="chain --only recom" a part of it
#   make gate    instructions per record against bench/baseline.toml, counted by valgrind
#   make languages  a plugin in every language: made, built and tested as its README says, held against the conformance kit, and
#                measured; tools that are missing are named; LANGUAGES="--quick go zig" a part of it
#   make faults  what takes minutes each or needs a quiet machine: brokers that freeze, sixty random changes under load, two hundred
#                swaps under load, pipelines that come and go beside one that must not pause, troubles that the status has to tell
#                within two seconds; weir optimised as in a release

CARGO ?= cargo
BUILT = $${CARGO_TARGET_DIR:-$(CURDIR)/target}

# Debug builds link the system's OpenSSL 3 where its headers are: to compile one takes minutes. Release builds have their own.
ifeq ($(shell pkg-config --atleast-version=3.0 openssl 2>/dev/null && echo yes),yes)
demo test gate languages faults: export OPENSSL_NO_VENDOR = 1
endif

.PHONY: demo test bench gate languages faults wasm java

# The build that the tests use too: a release build would compile every dependency once more. With the SDK beside it, whose
# dependencies give some of weir's the features that they have in the whole workspace; else these would be compiled twice.
demo: wasm
	$(CARGO) build --locked --package weir --package weir-sdk
	"$(BUILT)/debug/weir" dev -c examples/recom/weir.toml --input examples/recom/events.ndjson --once

# Most tests wait for a broker: two on a processor leave it idle for less of the time than one.
test: wasm java
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked --quiet
	@if cargo deny --version >/dev/null 2>&1; then cargo deny check licenses bans sources; fi
	$(CARGO) build --workspace --bins --tests --locked
	RUST_TEST_THREADS=$$((2 * $$(nproc))) WEIR_BIN="$(BUILT)/debug/weir" $(CARGO) test --workspace --locked --no-fail-fast

bench: wasm
	$(CARGO) build --release --locked --package weir --package weir-bench --bins
	"$(BUILT)/release/weir-bench" $(if $(filter 1,$(PEERS)),--peers) $(BENCH)

# rustup adds the target by itself only where it installs the whole toolchain.
wasm:
	@rustup target list --installed | grep -qx wasm32-unknown-unknown || rustup target add wasm32-unknown-unknown

java:
	@java -version 2>&1 | grep -qE 'version "(1[7-9]|[2-9][0-9])' || \
	  { echo "make test starts a real Apache Kafka and needs a JDK 17 or newer: install one and put java and javac on the PATH" >&2; exit 1; }
	@command -v javac >/dev/null || { echo "make test needs a JDK, not only a JRE: there is no javac on the PATH" >&2; exit 1; }
	@command -v mvn >/dev/null || { echo "make test fetches Kafka's jars by Maven: install it (apt install maven)" >&2; exit 1; }

# The tests' build of what weir is made of, with weir itself optimised as in a release.
gate: wasm
	CARGO_INCREMENTAL=0 $(CARGO) build --workspace --bins --locked --config bench/gate.toml
	"$(BUILT)/debug/weir-bench" gate

# With the program of the tests.
languages: wasm
	$(CARGO) build --workspace --bins --locked
	"$(BUILT)/debug/weir-bench" languages $(LANGUAGES)

faults: wasm java
	$(CARGO) build --workspace --bins --locked --config bench/gate.toml
	WEIR_BIN="$(BUILT)/debug/weir" $(CARGO) test --workspace --test faults --locked --config bench/gate.toml -- --nocapture
