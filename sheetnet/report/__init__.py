"""How results read: on a terminal and as JSON."""
