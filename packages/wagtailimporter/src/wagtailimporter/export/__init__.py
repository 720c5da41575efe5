"""Export: what is stored, as files that import to the same.

emitter     data to YAML that means the same to readers of YAML 1.1 and 1.2
references  how an object is named: a page by url, a file by name, others by a field
values      the value of a field or block as data
documents   pages and what they refer to, as documents
schema      the files as a JSON Schema, down to blocks
"""
