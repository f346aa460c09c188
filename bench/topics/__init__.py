"""How well titles, and readers of titles, are named by the packaged topics."""
