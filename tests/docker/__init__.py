"""The files of docker/ against the product and the Flink that they start."""
