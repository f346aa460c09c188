"""The command line of the export and of the registry it publishes to."""
