"""From a Hugging Face sentence encoder to a published bundle: load, export, fuse, compare."""
