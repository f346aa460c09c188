"""A simulated population whose interests drift, on a catalogue that reads like a real one."""

from jobs.simulator.as_dataset import SimulatedDataset, simulated_dataset
from jobs.simulator.chapters import Chapter
from jobs.simulator.simulation import Settings, Simulation, simulate
from jobs.simulator.story import Chunk, Story, tell

__all__ = [
    "Chapter",
    "Chunk",
    "Settings",
    "SimulatedDataset",
    "Simulation",
    "Story",
    "simulate",
    "simulated_dataset",
    "tell",
]
