"""The HTTP service: what systems ask by `/v1`, and what people see as the portal.

service     what a server works with: ledger, read models, how far they have come
following   what keeps the read models at the head
problems    what goes wrong, as RFC 9457 problem details
questions   one request: its reader, its language, and how it is answered
documents   the OpenAPI document, from the records that answer
cache       answers to everybody, kept until the read models move
direct      statements, taken without a search for their route
routes      the routes of `/v1`
"""
