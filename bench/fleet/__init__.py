"""Many machines, one campaign: each trains its part as an ordinary `certbench run` of its own.

What crosses is bytes: an order in, lines of progress and an archive of records out. Lock, counters,
journal and records are the measured machine's own. This room knows nothing of prices or charts.
"""
