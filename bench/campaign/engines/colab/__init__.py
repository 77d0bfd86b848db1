"""Machines rented from Google's Colab, through Google's own client."""
