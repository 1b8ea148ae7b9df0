"""Other systems, measured beside this one."""
