"""A batch of events is folded into the states of its users, and the rows that say so are made."""
