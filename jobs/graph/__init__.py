"""The pieces of the pipeline: the streams it reads, its SQL, and the branch that counts trends."""
