"""The statements that make the tables of models hold what is staged."""
