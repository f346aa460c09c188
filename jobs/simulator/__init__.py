"""Simulates people whose interests change, with a catalogue that reads like a real one."""

from jobs.simulator.as_dataset import SimulatedDataset, simulated_dataset
from jobs.simulator.chapters import Chapter
from jobs.simulator.simulation import Settings, Simulation, simulate
from jobs.simulator.story import Chunk, Story, make_story

__all__ = [
    "Chapter",
    "Chunk",
    "Settings",
    "SimulatedDataset",
    "Simulation",
    "Story",
    "make_story",
    "simulate",
    "simulated_dataset",
]
