"""The tools an agent has, and the gateway that is the only way to run one."""
