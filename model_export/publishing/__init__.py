"""Puts checked bundles into the registry: lock, publish, compare, prune and list."""
