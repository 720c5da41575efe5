"""What a model lets us do: fields, natural keys, and whether bulk is as good."""
