"""A stranger's proxy between the suite and a right server: what it does harmlessly, and what it does wrong.

Everything here reaches the server over TCP only, as somebody would who has never seen its source.
"""
