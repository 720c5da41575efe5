"""How types change: their states, the detection of changes, the swap of values."""
