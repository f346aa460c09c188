"""Loops over users as compiled kernels, each beside the numpy code that does the same."""
