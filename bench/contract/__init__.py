"""What both sides of the container wall agree on: tasks, data folders and events.

Imports nothing of the house and nothing heavy, because it loads on the host, where there is no
TensorFlow, and inside the image, where there is no Docker.
"""
