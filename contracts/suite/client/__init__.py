"""Requests and answers over HTTP/1.1, sent exactly as they are told and measured.

`http_exchange`: one request and its answer as values, the curl line.
`known_secrets`: the passwords and tokens of a run, and any text without them.
`request_builder`: from an operation and the parts of a call to the request.
`answer_reader`: one answer from the bytes of a connection, bounded in time and size.
`transport`: the keep-alive connection, which can also send a request while the answer before is judged.
`abandoned_request`: a client that sends a request and leaves.
"""
