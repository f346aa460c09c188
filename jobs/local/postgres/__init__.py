"""The PostgreSQL with pgvector that comes with pip, for a laptop, the demo and the tests."""
