"""What each operation does, once the request is known to be allowed and valid.

`HANDLERS` maps operationId to a handler; the application refuses to start when one is missing or too many.
"""
