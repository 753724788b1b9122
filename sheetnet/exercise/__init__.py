"""Exercises on back-propagation: their numbers, their blanks, and what the answers tell."""
