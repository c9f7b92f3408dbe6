"""The development stack: PostgreSQL, an S3 server, sessions-fcgi and nginx, kept running.

One file per part. `python -m stack run` is what `scripts/run` ends in; the end-to-end tests use
the same parts.
"""
