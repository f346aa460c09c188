"""Broken records by the thousand, through the whole job: each must become exactly one dead letter.

Whether a line is broken is known from how it was made, or from
`bench.verify.recompute.validation`, which was written from the contract and shares nothing with
the job's parser.
"""
