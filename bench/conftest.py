"""Keeps the examples of modules out of the tests that run in the peers' environment only."""

collect_ignore = ["peers/bytewax_flow.py", "peers/pathway_flow.py"]
