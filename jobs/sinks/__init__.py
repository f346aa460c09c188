"""Writes rows to Postgres: one file a table or group of tables, and a connection that retries."""
