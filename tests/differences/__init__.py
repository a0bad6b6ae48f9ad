"""The suite through a proxy between it and a right server: harmless differences and faults. `make differences`.

Everything here reaches the server over TCP only, as somebody would who has never seen its source. proxy/ hands messages on,
harmless/ and faults/ are the rows.

row: what a proxy does to the messages of one row, and why.
tables: all rows, by table.
run: one row against one server of its own.
outcome: which checks were red, and whether that is what the row wants.
"""
