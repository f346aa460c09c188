"""A new bundle becomes a new space, which is built beside the active one until it can take over."""
