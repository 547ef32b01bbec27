"""Protocols without sockets: encode a request, decode a reply."""
