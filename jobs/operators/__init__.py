"""The steps that Flink runs: each reads keyed state, calls the core, writes state and emits."""
