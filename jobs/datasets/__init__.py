"""Reads data sets as item and event records of the contract, and feeds them to a job."""
