"""Faults on the way between client and server: each row names the checks that must go red.

answer_faults: what a gateway or serialiser makes of a right answer.
forwarding_faults: what a gateway keeps, loses, repeats, delays or rewrites.
layer_faults: a layer that half understands the API.
cache_faults: a cache that keeps what is private, for too long, or under too short a key.
channel_faults: messages of the realtime channel late, lost, twice, out of order, or altered.
matching: which requests and answers a fault strikes.
"""
