"""Everything on this machine: embedded Postgres, a space, and the job on an in-process Flink."""
