"""A new bundle becomes a new embedding space that is built beside the active one."""
