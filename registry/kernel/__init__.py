"""Technical ground: database, access, audit, events, jobs, search. Knows no business word."""
