"""The timing of one load process: precise sleeping, and the measurement of the process's own delay.

precise_sleep     sleeps until a moment, to microseconds
loop_monitor      measures the lag of the event loop and the CPU use of the process
generator_stalls  the times at which the process stalled
"""
