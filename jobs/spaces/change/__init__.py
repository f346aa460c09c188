"""Changes the model: builds the space of a new bundle beside the active one, then switches."""
