"""The HTTP/1.1 client of the suite, which sends exactly the given bytes and measures times.

`http_exchange`: a request and its answer as values; the curl line.
`curl_sequence`: the curl lines of several exchanges, which pass on the ids that the server gives.
`known_secrets`: the passwords and tokens of a run, and hiding them in a text.
`request_builder`: making the request of an operation from its parts.
`unanswered_requests`: how many requests waited in vain, and when no more are sent.
`answer_reader`: reading one answer from a connection, within a time and a size.
`transport`: the keep-alive connection, which can send a request while the caller judges the previous answer.
`abandoned_request`: sending a request without waiting for its answer.
"""
