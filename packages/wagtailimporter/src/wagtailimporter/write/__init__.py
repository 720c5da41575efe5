"""Write: everything or nothing.

records    the way through: objects one by one, then pages
files      images and documents, and the journal that outlives a kill
pages      all pages at once, created and changed ones alike
tree       paths, computed for all new pages
relations  child rows and many-to-many links
history    revisions and log entries
indexes    the reference index and the search indexes
moves      new places, order and deletions, by Wagtail's own methods
signals    the receivers that others connected
internals  private names of Django, Wagtail and treebeard
"""
