"""Plan: find the objects that the files mean, and compare; nothing is written.

records    one object each that the files describe
documents  the form without tags
page_documents  what a document says about a page
pages      by uid or url
text_links what rich text refers to
tree       the order of children, and pages that go
uniqueness values that pages may not share
media      images and documents, by what is in them
objects    sites, settings and all others, by their unique fields
permitted  the models that files may describe
compare    the plan: every record, with the fields that are to be changed
"""
