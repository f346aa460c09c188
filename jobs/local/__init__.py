"""Runs the whole system on this machine: embedded Postgres, a space, and an in-process Flink."""
