"""What records and prices say. Pure functions of evidence: no Docker, no TensorFlow, no click.

Pandas, numpy and scipy are at home here, so the command line imports it inside its functions.
"""
