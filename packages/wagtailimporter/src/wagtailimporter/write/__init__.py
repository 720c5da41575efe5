"""Write: everything or nothing.

records  store the records of a plan in one transaction
"""
