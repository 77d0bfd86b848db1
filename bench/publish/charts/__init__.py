"""The charts: each a pure function of a `Story`, one module or function each, listed in `registry`.

The only importers of matplotlib; figures are made without its global state.
"""
