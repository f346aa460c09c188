"""`make demo`: the main job on a simulated population, to be watched."""
