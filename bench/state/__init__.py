"""What the state weighs, and how long starting, checkpoints and recovery take."""
