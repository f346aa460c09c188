"""The schema `interestream`: migrations, functions, grants, and the command that applies them."""
