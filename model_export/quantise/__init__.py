"""Cheaper graphs from a fused float32 graph: spelled out, made lean, then quantised."""
