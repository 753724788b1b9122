"""Marking: what students return is read, compared with the manifest, and judged blank by blank."""
