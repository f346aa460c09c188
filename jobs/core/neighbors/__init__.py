"""Neighbours of items: what users like soon before and after an item."""
