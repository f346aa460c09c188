"""What a sequence model finds on a data set, and how fast it is beside ONNX Runtime alone."""
