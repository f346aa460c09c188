"""Ready-made schedules; each runs the same command, with its settings in the environment."""
