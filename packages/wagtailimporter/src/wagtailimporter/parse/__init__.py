"""Parse: YAML text becomes values that remember where they stand.

yaml_text   the stream to documents; duplicate keys, bombs and foreign tags refused
values      scalars, sequences and mappings, nothing interpreted yet
"""
