"""Many runs: laid out by a study, done on any number of cores or machines, kept in a store."""
