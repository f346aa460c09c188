"""Feeds a data set to a running job and waits until all of it is committed."""
