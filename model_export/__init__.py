"""Turns a Hugging Face sentence encoder into a published bundle: load, export, fuse, compare."""
