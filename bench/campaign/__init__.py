"""Plans runs, starts environments and turns what they say into records.

Imports the contract, the tasks and the evidence. It must not know prices, tables or charts.
"""
