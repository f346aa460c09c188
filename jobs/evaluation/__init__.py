"""Measures how good recommendations are on a data set: questions, measures, baselines, report."""
