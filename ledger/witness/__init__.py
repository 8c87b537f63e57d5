"""Witnesses: one of our own, and the asking of others for cosignatures.

memory.py      what a witness cosigned last, on disk before anybody hears of it
witness.py     the witness: judge, replay, remember, cosign
following.py   the replay that a replaying witness adds
asking.py      the log's side: ask every witness of a policy, keep what they answer
"""
