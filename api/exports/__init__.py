"""What is carried away: the forms of the journal, and the audit pack.

columns     what a file's columns are, from the record whose rows it holds
parquet     columns by row groups, for programs
workbooks   XLSX, for people with a spreadsheet
beancount   plain-text accounting, which any reader can add up again
forms       all forms of the journal, by name
standards   what auditors' standards call our columns
"""
