"""What is kept of a run, for ever, and whether it may be believed.

Imports the contract. It must not know Docker, TensorFlow, prices or charts.
"""
