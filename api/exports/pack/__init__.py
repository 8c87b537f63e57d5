"""The audit pack: a folder that an auditor carries away, complete by proof.

manifest    what a pack says of itself, and the hash of each of its files
contents    the tables in it, and the dictionary of their columns
standards   what auditors' standards call them
writing     from a ledger to a pack
replaying   the tables again, from the events of the pack's own archive
checking    whether a pack is what it says, offline
verifier    the programs that go with it
"""
