"""Certbench: should I train this on my own machine or in the cloud? Answered with measurements."""

__version__ = "0.1.0"
