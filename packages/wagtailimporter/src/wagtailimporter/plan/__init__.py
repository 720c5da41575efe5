"""Plan: find the objects that the files mean, and compare; nothing is written.

records    one object each that the files describe
pages      by url
media      images and documents, by what is in them
objects    sites, settings and all others, by their unique fields
permitted  the models that files may describe
compare    the plan: every record, with the fields that are to be changed
"""
