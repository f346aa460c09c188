"""A Hugging Face encoder as it is found, on disk or on the hub, with its pooling and prompts."""
