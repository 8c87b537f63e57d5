"""OCDS out: the contracting processes of the ledger as releases, packages and records.

Everything is made of the ledger's own events when it is asked for, one process at a time, and
nothing is kept. See docs/ocds.md for what becomes of what.
"""
