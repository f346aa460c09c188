"""The text encoder: bundles, texts to vectors, the embedding space, and the Flink function."""
