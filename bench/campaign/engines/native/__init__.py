"""This very interpreter, without a container."""
