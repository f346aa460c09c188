"""How long it takes until an event can be asked for in SQL."""
