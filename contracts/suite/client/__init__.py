"""Requests and answers over HTTP/1.1, sent exactly as they are told and measured.

`http_exchange`: one request and its answer as values, secrets, the curl line.
`request_builder`: from an operation and the parts of a call to the request.
`transport`: the keep-alive connection that most checks use.
`pipelined_client`: a connection for volume, which judges one answer while the next is on its way.
`abandoned_request`: a client that sends a request and leaves.
"""
