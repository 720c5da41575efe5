"""The staging tables of one load, and the order of what is done to them."""
