"""Which action undoes which."""

UNDO = {"like": "unlike", "dislike": "undislike", "cart": "uncart", "purchase": "return"}
"""The action that undoes an action."""
UNDONE = {undo: action for action, undo in UNDO.items()}
"""The action that is undone by an action."""
