"""Containers of the Docker engine of this machine: the only importers of the docker library."""
