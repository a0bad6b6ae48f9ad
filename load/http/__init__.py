"""HTTP/1.1 as a load generator needs it: requests as bytes, answers with the times at which their bytes came.

target             the URL under test, and the rule that it is this machine unless somebody owns it
request_bytes      a draft as the bytes of a request
wire_dialect       between our words and those of a target with a document of its own
connection         one keep-alive connection, and a pool of them
parser             an answer, read by httptools
kernel_timestamps  when bytes came, by the kernel's clock
"""
