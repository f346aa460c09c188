"""Measures how often sentiment from sentences is right, beside a lexicon and a trained model."""
