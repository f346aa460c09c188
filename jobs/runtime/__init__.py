"""Starts and watches Flink with nothing but the pip packages."""
