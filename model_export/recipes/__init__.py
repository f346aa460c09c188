"""Ways to make a graph from a loaded model: as it is, or the fastest one inside a gate."""
