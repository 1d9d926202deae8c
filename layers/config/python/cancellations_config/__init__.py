"""Organizations and sources of this deployment: the two TOML files beside this one."""
