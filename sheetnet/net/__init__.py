"""The mathematics of the net: terms, the equations between them, and the same once more as matrices."""
