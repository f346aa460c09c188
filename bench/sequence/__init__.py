"""What a sequence model finds on a data set, what it costs, and how fast it is beside ONNX alone."""
