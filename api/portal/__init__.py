"""The portal: pages for people, in Chinese and English, readable without JavaScript.

portal      everything put together
site        the templates and what they may use
makers      processes that make pages beside the server's own
views       a page: one function that gives a document, shown as HTML or as its `.json` twin
pages       the pages, a file for each area of the ledger
charts      figures as SVG, each with its table
templates   HTML (Jinja2)
static      style and the few scripts of our own
"""
