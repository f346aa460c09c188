"""Modules that run in the peers' environment only are not looked into for examples."""

collect_ignore = ["peers/bytewax_flow.py", "peers/pathway_flow.py"]
