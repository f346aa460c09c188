"""Mappings: how the records of any source become items and events of the contract.

A mapping is compiled once into a function of batches of records. Nothing here imports Flink or
Postgres, so the job may use it as well as the readers of files.
"""
