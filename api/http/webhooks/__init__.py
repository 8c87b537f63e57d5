"""Webhooks: the feed, posted to addresses that the operator names.

    store        the webhooks of a ledger, how far each has come, and what went wrong
    addresses    where may be posted to, and connecting there and nowhere else
    posting      a batch as it is posted, and its signature
    sending      the threads of the writer's server that post

What a receiver relies on: batches come in the order of positions and without gaps, each at least
once, however often either side is killed. A batch that was begun is the same when it is tried
again: how far it goes is kept before it is posted, and the position moves after a 2xx.
"""
