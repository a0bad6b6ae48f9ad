"""Code about connections and responses that all clients of the harness share.

| file | content |
| --- | --- |
| target_url.py | parsing the URL of the target |
| content_coding.py | decompressing a body, up to a maximum size |
| descriptors.py | the limit of open files; each socket needs one |
| first_answer.py | the diagnosis of a refused first login |
| http_fields.py | HTTP field values by RFC 9110 |
| output_console.py | standard output for people, with no control character of a target's text |
| printable.py | escaping control characters in a target's text |
| tls.py | the TLS options and their environment variables |
| unreachable.py | the message about a target to which no client can connect |
"""
