"""What goes wrong in hand-built sheets, as replacements of equations."""

from sheetnet.diagnosis.misconceptions.folded import folded as folded
from sheetnet.diagnosis.misconceptions.rules import variants as variants
from sheetnet.diagnosis.misconceptions.variant import Variant as Variant
