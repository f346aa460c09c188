"""The steps that Flink runs: each reads state, calls the core, updates state and emits rows."""
