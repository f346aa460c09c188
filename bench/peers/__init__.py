"""Holds the job's one half-life window, written for other engines.

These modules run in an environment of their own (`requirements.txt`). Of the project they import
only the binary form of vectors.
"""
