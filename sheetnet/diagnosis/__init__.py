"""Whether a sheet's cells follow the rule, and why not."""
