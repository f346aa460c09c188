"""Broken records of another shape, which mappings and formats make records of the contract of.

What must become of a record is written beside it, worked out by hand from docs/mapping.md and
docs/contract.md: nothing here is shared with the code of the job that reads them.
"""
