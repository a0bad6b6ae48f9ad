"""Time inside one load process: waking up when a request is due, and knowing when the process itself was late.

precise_sleep     sleeps until a moment, to microseconds
loop_monitor      how late a heartbeat of our own comes, and how much CPU this process burns
generator_stalls  when this process stood still
"""
