"""What surrounds the application: layers of pure ASGI, one a file.

A request passes them in this order, its answer in the other:

    Proxies        whom a trusted proxy speaks for                  proxies.py
    RequestIds     a name for the request                           request_ids.py
    Tracing        a span, where an installation wants traces       tracing.py
    Measuring      counts for Prometheus                            measures.py
    AccessLog      one line in the log, and no error without one    access_log.py
    Security       headers that keep browsers strict                security.py
    Hosts          only the names that are served here              hosts.py
    Rates          so many requests a second of one address         rates.py
    Sharing        what pages elsewhere may read (CORS)             sharing.py
    Methods        HEAD, OPTIONS and `Allow`                        methods.py
    Bodies         no body too large or too slow                    bodies.py
    Deadline       an answer in time                                deadline.py
    Streams        open streams, ended when the server stops        streams.py

What a layer refuses it answers itself, as problem details (`refusing`). Below them all, where
bytes become requests, `connection` limits heads and connections.
"""
