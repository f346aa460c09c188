"""Which of the quantised graphs to publish: measured on this machine, chosen by a gate."""
