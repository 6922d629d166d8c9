"""Names, privileges and schemas of tables. Pure: it never opens one."""
