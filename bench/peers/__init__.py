"""The same work as the job's one half-life window, written for other engines.

These modules run in an environment of their own (`requirements.txt`) and import nothing of the
project but the binary form of vectors.
"""
