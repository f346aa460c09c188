"""Replays a data set into a running job, and waits until all of it is committed."""
