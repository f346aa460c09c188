"""Trains a sequence model from what users did, and publishes it where it is better."""
