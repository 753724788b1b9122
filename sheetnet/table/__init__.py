"""What a net's rows hold: the rule in a sheet's own addresses, its values, and where it all goes."""
