"""The steps of reading a file of rows, from compressed bytes to cells and objects."""
