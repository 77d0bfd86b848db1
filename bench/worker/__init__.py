"""The inside of an environment: trains one task and says on stdout what happened.

Imports the contract, the tasks and, inside functions, TensorFlow. It must not know Docker, records,
prices or who started it.
"""
