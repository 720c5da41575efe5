"""One worker among others: who is connected, readings, and pushes from everywhere."""
