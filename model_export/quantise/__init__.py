"""Makes cheaper graphs from a fused float32 one: spelled out, made lean, then quantised."""
