"""Sends broken records through the whole job: each must become exactly one dead letter.

Whether a line is broken follows from how it was made, or from
`bench.verify.recompute.validation`, which was written from the contract and shares nothing with
the job's parser.
"""
