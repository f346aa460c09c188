"""Where published bundles live: a folder or an object store, read by the job and the exporter."""
