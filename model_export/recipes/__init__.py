"""Ways to make a graph from a loaded model: as it is, the fastest that passes, or a student."""
