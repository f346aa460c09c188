"""Turns records of streams that have another shape into lines of the contract."""
