"""Holds `make demo`: the job on simulated people, with a screen that shows what happens."""
