"""Which provider gives a service: the facts, and a decision with reasons."""
