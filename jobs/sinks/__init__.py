"""Writes rows to Postgres: one file per group of tables, and a connection that retries."""
