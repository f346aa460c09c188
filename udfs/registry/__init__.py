"""Published bundles in a folder or an object store, for the job and the exporter."""
