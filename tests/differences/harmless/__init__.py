"""Harmless differences: nothing of them is a fault, so no check may go red.

transport: how messages travel.
bodies: how bodies are written.
renaming: ids and tokens of another form.
situations: the same server in other places and seen by other callers.
"""
