"""What all clients of the harness share about connections and what comes over them.

| file | content |
| --- | --- |
| target_url.py | the URL of the server under test, read once for all commands |
| content_coding.py | a body as it was before it was compressed, bounded in size |
| descriptors.py | the limit of open files, one for each socket |
| first_answer.py | what the answer to the first login says of who made a mistake |
| http_fields.py | field values as RFC 9110 reads them |
| printable.py | what a target says, without control characters |
| tls.py | whom to trust over TLS: options for people, variables for child processes |
| unreachable.py | the line about a target that no client of ours can talk to |
"""
