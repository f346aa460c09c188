"""Measures events per second through the whole job, beside other engines at the same work."""
