"""Charts and a page for people: pure functions of records and verdicts, and one careful writer.

Receives records, opens no store, and knows nothing of engines.
"""
