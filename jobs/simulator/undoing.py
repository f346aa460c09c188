"""What takes back what."""

UNDO = {"like": "unlike", "dislike": "undislike", "cart": "uncart", "purchase": "return"}
UNDONE = {undo: action for action, undo in UNDO.items()}
