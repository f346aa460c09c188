"""Finds and loads Hugging Face encoders, on disk or on the hub, with pooling and prompts."""
