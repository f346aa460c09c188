"""Looks at everything that the job needs, and says what is there, what is not, and what to do."""
