"""How it runs: settings, database, bus, jobs, errors, log, app, worker, command line."""
