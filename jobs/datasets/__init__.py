"""Data sets as the project's own item and event records."""
