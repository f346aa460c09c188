"""An hour of the job at a steady rate: whether memory, delays and checkpoints stay as they are."""
