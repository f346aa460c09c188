"""Breaks a running job in many ways, and compares every row afterwards (`make chaos`)."""
