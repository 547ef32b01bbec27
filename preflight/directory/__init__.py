"""The site's user directory, asked over LDAP by the machine that runs the suite; nothing is ever written to it."""
