"""The HTTP/1.1 client of the load generator: requests as bytes, and answers with the arrival times of their bytes.

target             the URL under test, and the rule that it must be this machine or owned by the user
request_bytes      renders a draft as the bytes of a request
wire_dialect       translates requests and answers of a target with a document of its own
connection         a keep-alive connection, and a pool of them
parser             the parser of answers, on httptools
kernel_timestamps  the arrival times of bytes by the kernel
"""
