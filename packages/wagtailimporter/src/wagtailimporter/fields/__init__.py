"""Fields: how one value of a file is read, compared with and set on an object.

scalars       by the type of the field, never by YAML's guess
references    objects by name, stored or still to be created
rich_text     links resolved, and the features that a field allows
blocks        StreamField content
setters       one way for each kind of field
model_fields  the setters of a model; rows of child relations
"""
