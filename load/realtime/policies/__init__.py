"""The reconnect policies as pure state machines: events in, actions out.

protocol            the events and actions
client_timing       the durations of the guide's client
reconnect_policies  the policies by name
policy_as_written   the guide's code, defects included
policy_single       one timer and one socket: the guide's text, and the repaired client
"""
