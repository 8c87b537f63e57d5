"""The bank loop: order files out, what the bank made of them in (ISO 20022).

    orders  ── pain001.write ──▶  pain.001.001.09         what the bank is to pay
    bytes   ── reading.read  ──▶  words of pain.002, camt.053 and camt.054
    words   ── matching.match ─▶  findings: settled, rejected, bounced, diverted, or for a person
    finding ── reporting.event ─▶ the event that the treasury signs

Pure: records in, bytes out, or bytes in, records out. Nothing here opens a file, asks a database
or looks at a clock.
"""
